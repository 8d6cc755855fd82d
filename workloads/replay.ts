/**
 * From the trace of another cluster to jobs for ours, by rules that are told to the reader. Both systems are given the same jobs.
 *
 * - Sizes: {@link swimReplay} makes tasks of bytes, {@link swfReplay} ranks of processors.
 * - Time: gaps between jobs are all shortened or stretched by one factor, so that the work, spread evenly, keeps half of the slots busy.
 *   How jobs bunch is not changed.
 * - Frameworks: small jobs have one and large jobs another; on static partitions each has slaves in proportion to its work, but at
 *   least an eighth.
 */
import type { MapReduceJob, RigidJob } from './jobs.ts';
import { scanJob } from './scan.ts';
import type { SwfLog } from './swf.ts';
import type { SwimJob } from './swim.ts';

/** What the jobs are to run on. */
export interface ReplayCluster {
  readonly slaves: number;
  readonly slotsPerSlave: number;
}

/** The jobs of one framework. */
export interface ReplayPart<J> {
  readonly name: 'small-jobs' | 'large-jobs';
  readonly jobs: readonly J[];
  /** Slaves of its static partition. */
  readonly partition: number;
}

/** A trace as it is replayed. */
export interface Replay<J> {
  readonly parts: readonly ReplayPart<J>[];
  /** What was made of the trace, and by which rules: name with unit to value. */
  readonly rules: Readonly<Record<string, string | number>>;
}

/** Most jobs that are replayed, the first of the trace: rigid ones are longer, and take more virtual time. */
const JOBS_MAX = 20_000;
const RIGID_JOBS_MAX = 5_000;
/** Most tasks that are replayed. */
const TASKS_MAX = 300_000;
/** Part of the slots that the work would keep busy if it came evenly. */
const LOAD = 0.5;
/** Least part of the slaves that a framework has as its static partition. */
const PARTITION_MIN = 1 / 8;

/** Bytes of a block, and what a reduce shuffles and writes at most. */
const BLOCK_BYTES = 128 * 2 ** 20;
const REDUCE_BYTES = 2 ** 30;
/** What a task moves in a second: a local map of the scan of NSDI'11 §6.3 reads its block at that rate. */
const BYTES_PER_MS = BLOCK_BYTES / scanJob().model.mapMs;
/** The shortest tasks of NSDI'11's figure 1. */
const TASK_MIN_MS = 2_000;
/** Tasks of a small job at most: `small` as NSDI'11 §6.1 has it, in round numbers. */
const SMALL_TASKS = 10;
/** Of rigid jobs, as a part of all slots: the 24 of 384 that those of NSDI'11 §6.1 have. */
const SMALL_PART = 1 / 16;

/** A job that is to be replayed. */
interface Draft<J> {
  readonly submitS: number;
  readonly workSlotS: number;
  readonly isSmall: boolean;
  readonly job: (submittedMs: number) => J;
}

/** MapReduce jobs of a SWIM trace. */
export function swimReplay(trace: readonly SwimJob[], cluster: ReplayCluster): Replay<MapReduceJob> {
  const kept = trace.slice(0, JOBS_MAX);
  const allTasks = kept.reduce((sum, job) => sum + countTasks(job, 1), 0);
  const sizes = Math.min(1, TASKS_MAX / allTasks);
  const drafts = kept.map((job) => swimDraft(job, sizes));
  return {
    ...placed(drafts, cluster, 0, {
      'jobs in the trace': trace.length,
      'jobs left out': trace.length - kept.length,
      tasks: kept.reduce((sum, job) => sum + countTasks(job, sizes), 0),
      'bytes kept (%)': rounded(100 * sizes),
      'bytes of a map (MiB)': BLOCK_BYTES / 2 ** 20,
      'bytes of a reduce (MiB)': REDUCE_BYTES / 2 ** 20,
      'rate of a task (MiB/s)': rounded((1_000 * BYTES_PER_MS) / 2 ** 20),
      'shortest task (s)': TASK_MIN_MS / 1_000,
      'tasks of a small job at most': SMALL_TASKS,
    }),
  };
}

function swimDraft(job: SwimJob, sizes: number): Draft<MapReduceJob> {
  const [maps, reduces] = [countMaps(job, sizes), countReduces(job, sizes)];
  const written = reduces === 0 ? job.outputBytes : 0;
  const mapMs = lengthMs((sizes * (job.inputBytes + written)) / maps);
  const reduceMs = reduces === 0 ? 0 : lengthMs((sizes * (job.shuffleBytes + job.outputBytes)) / reduces);
  const isSmall = maps + reduces <= SMALL_TASKS;
  const { setUpMs, cv } = scanJob().model;
  return {
    submitS: job.submitS,
    workSlotS: (maps * mapMs + reduces * reduceMs) / 1_000,
    isSmall,
    job: (ms) => ({
      id: job.id,
      kind: isSmall ? 'small' : 'large',
      bin: 0,
      ...{ maps, reduces },
      submission: { when: 'at', ms },
      model: { setUpMs, mapMs, reduceMs, cv },
    }),
  };
}

/** A map for each block of input, or of what maps write, if there are no reduces and that is more. */
const countMaps = ({ inputBytes, shuffleBytes, outputBytes }: SwimJob, sizes: number): number =>
  Math.max(1, Math.ceil((sizes * Math.max(inputBytes, shuffleBytes === 0 ? outputBytes : 0)) / BLOCK_BYTES));
/** Enough reduces for what is shuffled and written; none if nothing is shuffled. */
const countReduces = ({ shuffleBytes, outputBytes }: SwimJob, sizes: number): number =>
  shuffleBytes === 0 ? 0 : Math.ceil((sizes * (shuffleBytes + outputBytes)) / REDUCE_BYTES);
const countTasks = (job: SwimJob, sizes: number): number => countMaps(job, sizes) + countReduces(job, sizes);
const lengthMs = (bytes: number): number => Math.round(Math.max(TASK_MIN_MS, bytes / BYTES_PER_MS));

/** Rigid jobs of a log of the Standard Workload Format. */
export function swfReplay({ jobs, skipped, processors }: SwfLog, cluster: ReplayCluster): Replay<RigidJob> {
  const slots = cluster.slaves * cluster.slotsPerSlave;
  const kept = jobs.slice(0, RIGID_JOBS_MAX);
  const machine = kept.reduce((most, job) => Math.max(most, job.processors), processors ?? 0);
  // The widest job must fit into what is left beside the smallest partition.
  const widthMax = Math.floor(slots * (1 - PARTITION_MIN));
  const widths = Math.min(1, widthMax / machine);
  const drafts = kept.map((job): Draft<RigidJob> => {
    const ranks = Math.max(1, Math.round(job.processors * widths));
    const isSmall = ranks <= slots * SMALL_PART;
    return {
      submitS: job.submitS,
      workSlotS: ranks * job.runS,
      isSmall,
      job: (ms) => ({
        id: job.id,
        kind: isSmall ? 'narrow' : 'wide',
        ranks,
        submission: { when: 'at', ms },
        model: { workMs: Math.round(1_000 * job.runS), cv: 0 },
      }),
    };
  });
  const widest = kept.reduce((most, job) => Math.max(most, Math.round(job.processors * widths)), 1);
  return placed(drafts, cluster, widest, {
    'jobs in the trace': jobs.length + skipped,
    'jobs that never ran': skipped,
    'jobs left out': jobs.length - kept.length,
    'processors of the machine': machine,
    'ranks for each processor': rounded(widths),
    'ranks of a small job at most': Math.floor(slots * SMALL_PART),
  });
}

/** Gives drafts their times and frameworks. */
function placed<J>(
  drafts: readonly Draft<J>[],
  { slaves, slotsPerSlave }: ReplayCluster,
  widest: number,
  rules: Replay<J>['rules'],
): Replay<J> {
  const [first, last] = [drafts[0]?.submitS ?? 0, drafts.at(-1)?.submitS ?? 0];
  const workOf = (some: readonly Draft<J>[]): number =>
    some.reduce((sum, { workSlotS }) => sum + workSlotS, 0);
  const spanS = workOf(drafts) / (LOAD * slaves * slotsPerSlave);
  const faster = last > first ? (last - first) / spanS : 1;
  const partOf = (name: ReplayPart<J>['name'], isSmall: boolean, partition: number): ReplayPart<J>[] => {
    const own = drafts.filter((draft) => draft.isSmall === isSmall);
    const jobs = own.map(({ job, submitS }) => job(Math.round((1_000 * (submitS - first)) / faster)));
    return own.length === 0
      ? []
      : [{ name, jobs, partition: own.length === drafts.length ? slaves : partition }];
  };
  const smallPart = workOf(drafts.filter(({ isSmall }) => isSmall)) / workOf(drafts);
  const least = Math.ceil(slaves * PARTITION_MIN);
  const most = slaves - Math.max(least, Math.ceil(widest / slotsPerSlave));
  const small = Math.min(most, Math.max(least, Math.round(slaves * smallPart)));
  return {
    parts: [...partOf('small-jobs', true, small), ...partOf('large-jobs', false, slaves - small)],
    rules: {
      ...rules,
      'span of the trace (h)': rounded((last - first) / 3_600),
      'time runs faster by': rounded(faster),
      'slots that the work keeps busy (%)': 100 * LOAD,
    },
  };
}

const rounded = (value: number): number => Number(value.toPrecision(3));
