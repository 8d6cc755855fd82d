/** Logistic regression on Spark and on Hadoop (the paper's figure 9). */
import type { Curve, ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { FIGURE_9_TIMES, ITERATIONS_CLAIMS } from '../paper/iterations.ts';
import { curveOf, estimateOf } from '../results/scenarioValues.ts';
import { ratio, seconds } from '../words.ts';
import type { Topic } from './topic.ts';

const TRAINING = 'training';

/** What the section shows. */
export function iterationsSection(result: ExperimentResult): readonly Topic[] {
  return [times(result), ratios(result)];
}

/** The paper's curve as parts of Hadoop's time for one iteration: its seconds are those of another cluster. */
function inIterations(curve: Curve | null, perIterationS: number | null): Curve | null {
  if (curve === null || perIterationS === null) return null;
  return { x: curve.x, y: curve.y.map((s) => s / perIterationS) };
}

function times(result: ExperimentResult): Topic {
  const hadoopS = estimateOf(result, TRAINING, 'iteration on Hadoop (s)');
  const firstS = estimateOf(result, TRAINING, 'first iteration on Spark (s)');
  const laterS = estimateOf(result, TRAINING, 'later iteration on Spark (s)');
  const laterRatio = estimateOf(result, TRAINING, 'later iteration, Hadoop over Spark (×)');
  const { iterations: x, hadoopS: paperHadoopS, sparkS: paperSparkS } = FIGURE_9_TIMES;
  const paperIterationS = 127;
  const ours = (name: string): Curve | null =>
    inIterations(curveOf(result, TRAINING, name), hadoopS?.value ?? null);
  return {
    id: 'times',
    title: 'Running time against iterations',
    question: 'How does the time of a job grow with its iterations? (Figure 9 of the paper)',
    figures: [
      curvesFigure({
        id: 'iterations-times',
        title: 'Running time, in iterations of Hadoop',
        alt: 'Running time of logistic regression against the number of iterations: on Hadoop a steep line, on Spark a flat one that starts higher.',
        x: { title: 'iterations' },
        y: { title: 'running time (iterations of Hadoop)', domain: [0, 31] },
        lines: [
          { label: 'Hadoop', curve: ours('on Hadoop (s)'), look: { framework: 'hadoop' } },
          { label: 'Spark', curve: ours('on Spark (s)'), look: { framework: 'spark' } },
          {
            label: 'Hadoop, paper',
            curve: inIterations({ x, y: paperHadoopS }, paperIterationS),
            look: 'paper',
          },
          {
            label: 'Spark, paper',
            curve: inIterations({ x, y: paperSparkS }, paperIterationS),
            look: 'paper',
          },
        ],
      }),
    ],
    finding:
      hadoopS === null || firstS === null || laterS === null || laterRatio === null
        ? 'Nothing can be said: no run completed.'
        : `An iteration took Hadoop ${seconds(hadoopS.value)}. Spark took ${seconds(firstS.value)} for the first, in which it ` +
          `reads and parses the examples, and ${seconds(laterS.value)} for each later one, ` +
          `for which Hadoop takes ${ratio(laterRatio.value)} as long (the median of the seeds’ ratios). In the paper: 127 s, 174 s and some 6 s.`,
    caveat:
      'Seconds of two such different clusters cannot be compared, so time is counted in iterations of Hadoop, the paper’s and ours ' +
      'each by its own. The chart shows the first seed.',
    tables: [],
  };
}

function ratios(result: ExperimentResult): Topic {
  const rows = ITERATIONS_CLAIMS.flatMap(({ label, value, quantity }) =>
    quantity.of === 'value'
      ? [{ group: 'here', x: label, ours: estimateOf(result, TRAINING, quantity.value), paper: value }]
      : [],
  );
  const largest = rows.find(({ x }) => x.includes('30'))?.ours;
  return {
    id: 'ratios',
    title: 'What memory is worth',
    question: 'How many times longer does Hadoop take?',
    figures: [
      valuesFigure({
        id: 'iterations-ratios',
        title: 'Ratios of running times',
        alt: 'Ratios of the running times of Hadoop and Spark, here and in the paper.',
        x: { title: '', scale: 'names' },
        y: { title: 'ratio (×)', scale: 'log' },
        mark: 'points',
        rows,
        reference: { value: 1, label: 'no difference' },
      }),
    ],
    finding:
      largest == null
        ? 'Nothing can be said: no run completed.'
        : `Thirty iterations take Hadoop ${ratio(largest.value)} as long as Spark; in the paper 10.8×.`,
    caveat:
      'How much a later iteration gains depends on what parsing costs beside computing, and so on the data and the language; ' +
      'thirty iterations of Hadoop are three times the ten that were run.',
    tables: [],
  };
}
