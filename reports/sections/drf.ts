/** Dominant resource fairness: changing demands, and slots and CPUs instead of it. */
import type { ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { DRF_PAPER, type PolicyNumbers } from '../paper/drf.ts';
import { curveOf, estimateOf, scenariosOf } from '../results/scenarioValues.ts';
import { grouped } from '../words.ts';
import type { Topic } from './topic.ts';

/** What the section shows. */
export function drfSection(result: ExperimentResult): readonly Topic[] {
  return [dynamic(result), jobsDone(result), jobTimes(result)];
}

const JOBS = ['job-1', 'job-2'] as const;
const MINUTES = ['minutes 0 to 2', 'minutes 2 to 4', 'minutes 4 to 6'] as const;

function dynamic(result: ExperimentResult): Topic {
  const share = (job: string, span: string) =>
    estimateOf(result, 'dynamic', `dominant share of ${job}, ${span} (%)`)?.value;
  const lines = (what: string) =>
    JOBS.map((job, index) => ({
      label: `job ${index + 1}`,
      curve: curveOf(result, 'dynamic', `${what} of ${job} (%)`),
      look: { framework: job },
      step: true,
    }));
  const figure = (id: string, title: string, what: string) =>
    curvesFigure({
      id,
      title,
      alt: `${title} of two jobs over six minutes; both change after two and four minutes.`,
      x: { title: 'time (s)', domain: [0, 360] },
      y: { title: `${what} (%)`, domain: [0, 100] },
      lines: lines(what),
    });
  const said = MINUTES.flatMap((span) => {
    const [one, two] = JOBS.map((job) => share(job, span));
    return one === undefined || two === undefined ? [] : [`${grouped(one)} and ${grouped(two)}% (${span})`];
  });
  return {
    id: 'dynamic',
    title: 'Shares while demands change',
    question: 'Do two jobs keep equal dominant shares when what their tasks need changes?',
    figures: [
      figure('drf-dominant', 'Dominant shares', 'dominant share'),
      figure('drf-cpus', 'Shares of CPUs', 'CPUs'),
      figure('drf-memory', 'Shares of memory', 'memory'),
    ],
    finding:
      said.length === 0
        ? 'Nothing can be said: no run completed.'
        : `Dominant shares of the two jobs: ${said.join(', ')}. In the paper about 70 and 75% in the first two minutes.`,
    caveat:
      'A dominant share is a job’s share of the resource of which it has most. 48 nodes of 4 CPUs and 14 GB; tasks of job 1 need 1 CPU and 10 GB, then 2 CPUs and 4 GB, ' +
      'then 1 CPU and 7 GB; those of job 2 1 CPU and 1 GB, then 3, then 4 GB. Shares differ where tasks do not fill a node. The chart shows the first seed.',
    tables: [],
  };
}

type Kind = 'small' | 'large';
const KINDS: readonly Kind[] = ['small', 'large'];

/** A value for each policy and kind of job, with the paper's. */
function byPolicy(
  result: ExperimentResult,
  value: (kind: Kind) => string,
  paper: (kind: Kind) => keyof PolicyNumbers,
) {
  const labels = new Map(scenariosOf(result.cells).map(({ id, label }) => [id, label]));
  const rows = Object.entries(DRF_PAPER).flatMap(([policy, numbers]) =>
    KINDS.map((kind) => ({
      group: `${kind} tasks`,
      x: labels.get(policy) ?? policy,
      ours: estimateOf(result, policy, value(kind)),
      paper: numbers[paper(kind)],
    })),
  );
  return rows.some(({ ours }) => ours !== null) ? rows : [];
}

const CAVEAT =
  '48 machines of 8 CPUs and 6 GB; 4 users with jobs of 80 small tasks (1 CPU, 0.5 GB) and 4 with jobs of 80 large ones (2 CPUs, 2 GB), for ten minutes. ' +
  'Calibrated on the paper: task lengths by 3 slots, where nothing is short, and what swapping costs by large jobs with 5 slots. The rest follows from these.';

function jobsDone(result: ExperimentResult): Topic {
  const done = (policy: string, kind: Kind) => estimateOf(result, policy, `${kind} jobs done (count)`)?.value;
  const [small, large, smallSlots, largeSlots] = [
    done('drf', 'small'),
    done('drf', 'large'),
    done('slots-3', 'small'),
    done('slots-3', 'large'),
  ];
  const sixSlots = done('slots-6', 'large');
  return {
    id: 'jobs-done',
    title: 'Jobs done in ten minutes',
    question: 'How many jobs are done if the cluster is shared by DRF, by slots, or by CPUs?',
    figures: [
      valuesFigure({
        id: 'drf-jobs-done',
        title: 'Jobs done in ten minutes',
        alt: 'Jobs of small and of large tasks that were done in ten minutes, by policy, here and in the paper.',
        x: { title: '', scale: 'names' },
        y: { title: 'jobs done (count)' },
        rows: byPolicy(
          result,
          (kind) => `${kind} jobs done (count)`,
          (kind) => `${kind}Jobs`,
        ),
      }),
    ],
    finding:
      small === undefined || large === undefined || smallSlots === undefined || largeSlots === undefined
        ? 'Nothing can be said: the runs of DRF and 3 slots did not complete.'
        : `By DRF ${grouped(small)} small and ${grouped(large)} large jobs are done, with 3 slots on a machine ${grouped(smallSlots)} and ${grouped(largeSlots)}: slots that no task is too ` +
          'large for are too large for most. In the paper 91 and 35, against 37 and 33. More slots make machines swap' +
          (sixSlots === undefined ? '.' : `: with 6, ${grouped(sixSlots)} large jobs are done (paper: 8).`),
    caveat: CAVEAT,
    tables: [],
  };
}

function jobTimes(result: ExperimentResult): Topic {
  const time = (policy: string, kind: Kind) => estimateOf(result, policy, `${kind} job, mean (s)`)?.value;
  const [small, large] = [time('drf', 'small'), time('drf', 'large')];
  return {
    id: 'job-times',
    title: 'Time of a job',
    question: 'How long does a job take, by policy?',
    figures: [
      valuesFigure({
        id: 'drf-job-times',
        title: 'Mean time of a job',
        alt: 'Mean time of jobs of small and of large tasks, by policy, here and in the paper.',
        x: { title: '', scale: 'names' },
        y: { title: 'mean job time (s)' },
        rows: byPolicy(
          result,
          (kind) => `${kind} job, mean (s)`,
          (kind) => `${kind}S`,
        ),
      }),
    ],
    finding:
      small === undefined || large === undefined
        ? 'Nothing can be said: the runs of DRF did not complete.'
        : `By DRF a small job takes ${grouped(small)} s and a large one ${grouped(large)} s (paper: 25 and 65 s).`,
    caveat: CAVEAT,
    tables: [],
  };
}
