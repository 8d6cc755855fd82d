/** Do the models give what they were fitted to, the static side of tables 4 and 5 and of figure 5? */
import type { ExperimentResult } from '../../../harness/result.ts';
import { table, withBrackets, withInterval } from '../../page/blocks.ts';
import { FRAMEWORKS } from '../../paper/macro.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { grouped, seconds } from '../../words.ts';
import type { Topic } from '../topic.ts';
import { OVERLAID, shareFigure } from './overlay.ts';

/** A row of Table 5: what was measured, what a job took on the static partition, and how many there are. */
interface StaticRow {
  readonly framework: keyof typeof FRAMEWORKS;
  readonly kind: string;
  readonly tasks: number;
  readonly jobs: number;
  readonly staticS: number;
}

/** Tables 3 and 5. */
const TABLE_5: readonly StaticRow[] = [
  { framework: 'facebook', kind: 'selection', tasks: 1, jobs: 38, staticS: 24 },
  { framework: 'facebook', kind: 'text search', tasks: 2, jobs: 18, staticS: 31 },
  { framework: 'facebook', kind: 'aggregation', tasks: 12, jobs: 14, staticS: 82 },
  { framework: 'facebook', kind: 'selection', tasks: 50, jobs: 12, staticS: 65 },
  { framework: 'facebook', kind: 'aggregation', tasks: 110, jobs: 6, staticS: 192 },
  { framework: 'facebook', kind: 'selection', tasks: 200, jobs: 6, staticS: 136 },
  { framework: 'facebook', kind: 'text search', tasks: 400, jobs: 4, staticS: 137 },
  { framework: 'facebook', kind: 'join', tasks: 430, jobs: 2, staticS: 662 },
  { framework: 'large', kind: 'text search', tasks: 2400, jobs: 10, staticS: 314 },
  { framework: 'spark', kind: 'alternating least squares', tasks: 3072, jobs: 5, staticS: 337 },
  { framework: 'torque', kind: 'small tachyon', tasks: 24, jobs: 6, staticS: 261 },
  { framework: 'torque', kind: 'large tachyon', tasks: 24, jobs: 2, staticS: 822 },
];

const meanName = ({ kind, tasks, framework }: StaticRow): string =>
  `${kind} of ${tasks} tasks of ${FRAMEWORKS[framework]}, mean (s)`;

/** Table 4. */
const TABLE_4 = { facebook: 7235, large: 3143, spark: 1684, torque: 3210 } as const;

/** What the section shows of the calibration. */
export function calibrationTopic(result: ExperimentResult): Topic {
  const sums = OVERLAID.flatMap((name) => {
    const ours = estimateOf(result, 'static', `job times of ${FRAMEWORKS[name]}, sum (s)`);
    return ours === null ? [] : [{ name, ours, off: ours.value / TABLE_4[name] - 1 }];
  });
  const worst = sums.toSorted((a, b) => Math.abs(b.off) - Math.abs(a.off))[0];
  return {
    id: 'calibration',
    title: 'Calibration',
    question:
      'Do the modelled jobs take as long on static partitions as the paper’s did? (Tables 3 to 5 and figure 5, static side)',
    figures: OVERLAID.map((name) => shareFigure(result, name, 'static')),
    finding:
      worst === undefined
        ? 'Nothing can be said: no run on static partitions completed.'
        : `On static partitions the sums of job times are within ${grouped(Math.ceil(1_000 * Math.abs(worst.off)) / 10, 1)}% of Table 4’s; farthest is that of ` +
          `${FRAMEWORKS[worst.name]}, ${seconds(worst.ours.value)} against ${seconds(TABLE_4[worst.name])}.`,
    caveat:
      'This is what the models were fitted to, so that it is no result. Nothing of what the paper saw on Mesos went into them. The Facebook mix was ' +
      'fitted to the mean over 40 orders of its jobs; with few seeds it is as far off as these orders differ.',
    tables: [
      table(
        withBrackets(
          'Jobs of the macrobenchmark and their mean times on static partitions, medians over the seeds',
          TABLE_5.map((kind) => estimateOf(result, 'static', meanName(kind))),
        ),
        [
          { title: 'Framework' },
          { title: 'Jobs' },
          { title: 'Tasks each', number: true },
          { title: 'Count', number: true },
          { title: 'Here', number: true },
          { title: 'Paper (Table 5)', number: true },
        ],
        TABLE_5.map((kind) => [
          FRAMEWORKS[kind.framework],
          kind.kind,
          grouped(kind.tasks),
          String(kind.jobs),
          withInterval(estimateOf(result, 'static', meanName(kind)), seconds),
          seconds(kind.staticS),
        ]),
      ),
    ],
  };
}
