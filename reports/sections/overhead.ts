/** What Mesos costs a framework that runs alone. */
import type { Estimate, ExperimentResult } from '../../harness/result.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { estimateOf, sampleEstimateOf } from '../results/scenarioValues.ts';
import { enumerate, grouped, interval, percent } from '../words.ts';
import type { Topic } from './topic.ts';

const JOBS = 'jobs';

/** The jobs, with the paper's seconds. */
const PAPER = [
  { name: 'LINPACK', withoutS: 50.9, onS: 51.8 },
  { name: 'WordCount', withoutS: 160, onS: 166 },
] as const;

/** What the section shows. */
export function overheadSection(result: ExperimentResult): readonly Topic[] {
  const jobs = PAPER.flatMap(({ name }) => {
    const ours = sampleEstimateOf(result, JOBS, `${name} overhead (%)`);
    const cpu = sampleEstimateOf(result, JOBS, `${name} overhead, processors (%)`);
    return ours === null ? [] : [jobFinding(name, ours, cpu, isLimited(result, `${name} overhead (%)`))];
  });
  const fixed = sampleEstimateOf(result, JOBS, 'fixed cost (ms)');
  return [
    {
      id: 'cost',
      title: 'Overhead',
      question: 'How much longer does a job take through Mesos?',
      figures: [
        valuesFigure({
          id: 'overhead-percent',
          title: 'Overhead of Mesos',
          alt: 'By how many per cent two jobs took more time and processor time on Mesos than without, here and in the paper.',
          x: { title: '', scale: 'names' },
          y: { title: 'more on Mesos (%)' },
          mark: 'points',
          repeated: 'paired run',
          rows: PAPER.flatMap(({ name, onS, withoutS }) => [
            {
              group: 'time',
              x: name,
              ours: sampleEstimateOf(result, JOBS, `${name} overhead (%)`),
              paper: 100 * (onS / withoutS - 1),
            },
            {
              group: 'processor time',
              x: name,
              ours: sampleEstimateOf(result, JOBS, `${name} overhead, processors (%)`),
            },
          ]),
          reference: { value: 4, label: 'the paper’s bound' },
        }),
        valuesFigure({
          id: 'overhead-seconds',
          title: 'Job times, medians over the pairs of runs',
          alt: 'Seconds that two jobs took on Mesos and without it.',
          x: { title: '', scale: 'names' },
          y: { title: 'job time (s)' },
          mark: 'points',
          rows: PAPER.flatMap(({ name }) =>
            (['on', 'without'] as const).map((how) => ({
              group: `${how} Mesos`,
              x: name,
              ours: estimateOf(result, JOBS, `${name} ${how} Mesos (s)`),
            })),
          ),
        }),
      ],
      finding:
        jobs.length === 0
          ? 'Nothing can be said: no run completed.'
          : `${jobs.join(' ')} In the paper LINPACK took 1.8% longer on Mesos, and WordCount 3.75%.${
              fixed === null ? '' : fixedFinding(fixed)
            }`,
      caveat:
        'Runs are in pairs, in turn with and without Mesos first, with the same scheduler, executors and slaves. Processor time is that of all ' +
        'processes of a run, the master among them. Mesos saves no time: a number below 0 means that what it costs is lost in the noise of ' +
        'the machine. The median over the pairs is given.',
      tables: [],
    },
  ];
}

/** A sign, so that a number and its brackets read the same way. */
const signed = (percents: number): string => `${percents > 0 ? '+' : ''}${percent(percents / 100)}`;

function jobFinding(name: string, time: Estimate, cpu: Estimate | null, limited: boolean): string {
  const within = (ours: Estimate): string => `${signed(ours.value)} ${interval(ours, signed)}`.trim();
  const processors = cpu === null ? '' : ` and the processor time by ${within(cpu)}`;
  const whose = limited ? ', which is the machine’s doing rather than that of Mesos' : '';
  return `Mesos changed the time of ${name} by ${within(time)}${processors}${whose}.`;
}

/** Was the machine the bottleneck of these samples? */
function isLimited({ cells }: ExperimentResult, samples: string): boolean {
  return cells.some(
    (cell) =>
      cell.state === 'completed' &&
      (cell.harness.limited !== null || cell.harness.limitedValues?.[samples] !== undefined),
  );
}

/** What the fixed cost would be of the paper's jobs. */
function fixedFinding(fixed: Estimate): string {
  const ms = (value: number): string => `${grouped(value)}\u00a0ms`;
  const parts = PAPER.map(({ name, withoutS }) => {
    const part = fixed.value / 1_000 / withoutS;
    return `${part < 0.0001 ? 'less than 0.01%' : `${grouped(100 * part, 2)}%`} of ${name}’s ${withoutS}\u00a0s`;
  });
  return ` A job with next to nothing to do took ${ms(fixed.value)} longer ${interval(fixed, ms)}: ${enumerate(parts)} in the paper.`;
}
