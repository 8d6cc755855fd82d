/** What Mesos costs a framework that runs alone. */
import type { Estimate, ExperimentResult } from '../../harness/result.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { estimateOf, sampleEstimateOf } from '../results/scenarioValues.ts';
import { enumerate, interval } from '../words.ts';
import type { Topic } from './topic.ts';

const JOBS = 'jobs';

/** The jobs, with the paper's seconds. */
const PAPER = [
  { name: 'LINPACK', withoutS: 50.9, onS: 51.8 },
  { name: 'WordCount', withoutS: 160, onS: 166 },
] as const;

/** What the section shows. */
export function overheadSection(result: ExperimentResult): readonly Topic[] {
  const overheads = PAPER.flatMap(({ name }) => {
    const ours = sampleEstimateOf(result, JOBS, `${name} overhead (%)`);
    const cpu = sampleEstimateOf(result, JOBS, `${name} overhead, processors (%)`);
    return ours === null ? [] : [{ name, ours, cpu }];
  });
  const fixed = sampleEstimateOf(result, JOBS, 'fixed cost (ms)');
  const percents = (value: number): string => `${value.toFixed(1)} %`;
  return [
    {
      id: 'cost',
      title: 'Overhead',
      question: 'How much longer does a job take through Mesos?',
      figures: [
        valuesFigure({
          id: 'overhead-percent',
          title: 'Overhead of Mesos',
          alt: 'By how many per cent two jobs took longer on Mesos than without, here and in the paper.',
          x: { title: '', scale: 'names' },
          y: { title: 'longer on Mesos (%)' },
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
          title: 'Job times',
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
        overheads.length === 0
          ? 'Nothing can be said: no run completed.'
          : `Through Mesos, ${enumerate(
              overheads.map(
                ({ name, ours, cpu }) =>
                  `${name} took ${percents(ours.value)} longer ${interval(ours, percents)}${
                    cpu === null
                      ? ''
                      : ` and ${percents(cpu.value)} more processor time ${interval(cpu, percents)}`
                  }`,
              ),
            )}. In the paper it was 1.8 % and 3.75 % of the time.${fixed === null ? '' : fixedFinding(fixed)}`,
      caveat:
        'Runs are in pairs, in turn with and without Mesos first, with the same scheduler, executors and slaves. Processor time is that of all ' +
        'processes of a run, the master among them. A negative number means that the difference is smaller than the noise of the machine. ' +
        'The median over the pairs is given.',
      tables: [],
    },
  ];
}

/** What the fixed cost would be of the paper's jobs. */
function fixedFinding(fixed: Estimate): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const parts = PAPER.map(
    ({ name, withoutS }) =>
      `${((100 * fixed.value) / 1_000 / withoutS).toFixed(2)} % of ${name}’s ${withoutS} s`,
  );
  return ` A job with next to nothing to do took ${ms(fixed.value)} longer ${interval(fixed, ms)}: ${enumerate(parts)} in the paper.`;
}
