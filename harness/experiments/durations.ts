import { JOB_DURATIONS, TASK_DURATIONS } from '../../reports/paper/curves/durations.ts';
import { DURATION_CLAIMS } from '../../reports/paper/durations.ts';
import { drawJobs, jobSeconds, taskSeconds } from '../../workloads/durations.ts';
import { runOnPartition } from '../../workloads/partition.ts';
import type { QuantileFunction } from '../../workloads/quantiles.ts';
import { seededUniform } from '../../workloads/random.ts';
import { cumulative, ksCritical, ksDistance } from '../measure/distribution.ts';
import type { Check, Curve } from '../result.ts';
import { median } from '../statistics/quantile.ts';
import type { Experiment, Findings, TrialScenario } from './experiment.ts';

/** Lengths of each kind that are drawn. */
const DRAWS = 5_000;
/** Draws of the curve itself are further from it in one of so many samples: a check must not fail by chance. */
const SAMPLES = 1_000_000;
/** Jobs that are run, and slots that they have: as many as 600 nodes with 6 each. Few are ever busy. */
const JOBS = 400;
const SLOTS = 3_600;
/** How alike the tasks of a job are. */
const LIKENESSES = [0, 0.5, 0.75, 0.9, 1];

/** What is to tell of lengths in seconds that should be like a curve of the paper. */
function findings(
  what: string,
  seconds: readonly number[],
  paper: Curve,
): Required<Pick<Findings, 'values' | 'curves'>> {
  return {
    values: {
      [`median ${what} (s)`]: median(seconds),
      [`KS distance, ${what}s (fraction)`]: ksDistance(seconds, paper),
      [`critical KS distance, ${what}s (fraction)`]: ksCritical(seconds.length, SAMPLES),
    },
    curves: { [`${what}s`]: cumulative(seconds) },
  };
}

/** Lengths as the generators draw them. */
function drawLengths(seed: number): Findings {
  const uniform = seededUniform(`lengths ${seed}`);
  const draw = (quantile: QuantileFunction): readonly number[] =>
    Array.from({ length: DRAWS }, () => quantile(uniform()));
  const [jobs, tasks] = [
    findings('job', draw(jobSeconds), JOB_DURATIONS),
    findings('task', draw(taskSeconds), TASK_DURATIONS),
  ];
  return {
    values: { ...jobs.values, ...tasks.values },
    curves: { ...jobs.curves, ...tasks.curves },
    checks: [isDrawnFrom('job', jobs.values), isDrawnFrom('task', tasks.values)],
  };
}

function isDrawnFrom(what: string, values: Findings['values']): Check {
  const [seen, critical] = [
    `KS distance, ${what}s (fraction)`,
    `critical KS distance, ${what}s (fraction)`,
  ].map((name) => values[name] ?? Number.NaN);
  return {
    id: `durations-${what}s`,
    claim: `The lengths of drawn ${what}s are no further from the paper's curve than draws from it are in all but one of a million samples.`,
    verdict: (seen as number) < (critical as number) ? 'passed' : 'failed',
    detail: `${seen?.toFixed(3)}, and ${critical?.toFixed(3)} is critical for ${DRAWS} draws`,
  };
}

/** Job times that come out of task lengths. */
function runJobs(seed: number, likeness: number): Findings {
  const { jobs, taskMs } = drawJobs({ count: JOBS, seed, likeness });
  const { spans } = runOnPartition(jobs, { slots: SLOTS, seed, taskMs });
  return findings(
    'job',
    spans.map(({ submittedMs, endedMs }) => (endedMs - submittedMs) / 1_000),
    JOB_DURATIONS,
  );
}

const FRAME = { kind: 'trial', clock: 'virtual', seeds: 9 } as const;

/** The lengths of jobs and tasks (NSDI'11 figure 1). */
export const durations: Experiment = {
  id: 'durations',
  title: 'How long jobs and tasks take',
  question:
    'Do our generators draw lengths like those of a real cluster, and do its job times follow from its task lengths?',
  paper:
    'NSDI’11 §2 shows how long the jobs and tasks of a Hadoop cluster of Facebook took (figure 1): half of the tasks 23 s or less, half of ' +
    'the jobs 84 s or less. This is why the paper shares clusters task by task.',
  claims: DURATION_CLAIMS,
  scenarios: [
    {
      ...FRAME,
      id: 'lengths',
      label: 'drawn lengths',
      parameters: { 'draws of each kind': DRAWS },
      run: async ({ seed }) => drawLengths(seed),
    },
    ...LIKENESSES.map(
      (likeness): TrialScenario => ({
        ...FRAME,
        id: `likeness-${likeness}`,
        label: `jobs of tasks with a likeness of ${likeness}`,
        parameters: { 'likeness of a job’s tasks': likeness, jobs: JOBS, slots: SLOTS },
        run: async ({ seed }) => runJobs(seed, likeness),
      }),
    ),
  ],
  caveats: [
    'Lengths are drawn from some 20 quantiles of the figure, so their medians are inputs. Job times are not: they come out of tasks, of job sizes ' +
      '(Zaharia et al., EuroSys’10, table 1), and of 7 s of set-up, by which the shortest jobs outlast the shortest tasks.',
    'All tasks count as maps, which run side by side if there are slots; the figure counts maps and reduces together. There are so many slots ' +
      'that jobs hardly wait. How alike the tasks of one job are is not known; all values are shown.',
    'No master takes part: this is about the work, not about the system.',
  ],
};
