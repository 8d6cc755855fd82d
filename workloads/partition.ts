/**
 * What a fixed set of slots does with a list of MapReduce jobs: the model that the modelled task times are
 * calibrated on. One framework alone on its static partition, fair between its jobs: a free slot goes to the
 * job that runs the fewest tasks (NSDI'11 §6.1.1). No master, no offers, no locality, no network: nothing
 * that Mesos would change.
 */
import { randomLogNormal } from 'd3-random';
import type { MapReduceJob } from './jobs.ts';
import { seededUniform, type Uniform } from './random.ts';

/** When a job was submitted and when it ended, in milliseconds from the start of the workload. */
export interface JobSpan {
  readonly job: MapReduceJob;
  readonly submittedMs: number;
  readonly endedMs: number;
}

/** What became of the workload. */
export interface PartitionRun {
  /** In the order of the workload. */
  readonly spans: readonly JobSpan[];
  /** Sum over slots of the time that they ran tasks. */
  readonly busySlotMs: number;
  /** When the last job ended. */
  readonly makespanMs: number;
}

/** What the jobs run on. */
export interface PartitionOptions {
  readonly slots: number;
  readonly seed: string | number;
  /** How long the next task of a job takes; default: as its model says. */
  readonly taskMs?: (job: MapReduceJob, phase: 'map' | 'reduce') => number;
}

interface Progress {
  readonly job: MapReduceJob;
  submittedMs: number;
  endedMs: number;
  pending: number;
  running: number;
  phase: 'map' | 'reduce';
}

type Happening = {
  readonly atMs: number;
  readonly what: 'ready' | 'task-ended' | 'ended';
  readonly of: Progress;
};

/**
 * Runs the jobs on `slots` equal slots. Throws a RangeError if a job waits for one that does not exist or for
 * itself.
 */
export function runOnPartition(jobs: readonly MapReduceJob[], options: PartitionOptions): PartitionRun {
  const uniform = seededUniform(`partition ${options.seed}`);
  const { taskMs = (job, phase) => modelledMs(job, phase, uniform) } = options;
  const agenda: Happening[] = [];
  const all = jobs.map(
    (job): Progress => ({
      job,
      submittedMs: Number.NaN,
      endedMs: Number.NaN,
      pending: job.maps,
      running: 0,
      phase: 'map',
    }),
  );
  const active: Progress[] = [];
  let free = options.slots;
  let nowMs = 0;
  let busySlotMs = 0;

  const submit = (progress: Progress, atMs: number): void => {
    progress.submittedMs = atMs;
    enter(agenda, { atMs: atMs + progress.job.model.setUpMs / 2, what: 'ready', of: progress });
  };
  const finishPhase = (progress: Progress): void => {
    if (progress.phase === 'map' && progress.job.reduces > 0) {
      progress.phase = 'reduce';
      progress.pending = progress.job.reduces;
      return;
    }
    active.splice(active.indexOf(progress), 1);
    enter(agenda, { atMs: nowMs + progress.job.model.setUpMs / 2, what: 'ended', of: progress });
  };
  const happen = ({ what, of }: Happening): void => {
    switch (what) {
      case 'ready':
        active.push(of);
        return;
      case 'task-ended':
        free++;
        of.running--;
        if (of.pending + of.running === 0) finishPhase(of);
        return;
      case 'ended':
        of.endedMs = nowMs;
        for (const next of all) {
          const { submission } = next.job;
          if (submission.when === 'after' && submission.jobId === of.job.id)
            submit(next, nowMs + submission.delayMs);
        }
        return;
      default:
        what satisfies never;
    }
  };

  for (const progress of all)
    if (progress.job.submission.when === 'at') submit(progress, progress.job.submission.ms);
  for (let next = agenda.pop(); next !== undefined; next = agenda.pop()) {
    busySlotMs += (options.slots - free) * (next.atMs - nowMs);
    nowMs = next.atMs;
    happen(next);
    for (let job = hungriest(active); free > 0 && job !== undefined; job = hungriest(active)) {
      free--;
      job.pending--;
      job.running++;
      enter(agenda, { atMs: nowMs + taskMs(job.job, job.phase), what: 'task-ended', of: job });
    }
  }
  const stuck = all.find((progress) => Number.isNaN(progress.endedMs));
  if (stuck !== undefined)
    throw new RangeError(`job '${stuck.job.id}' never starts: it waits for a job that never ends`);
  return { spans: all, busySlotMs, makespanMs: nowMs };
}

/** Mean time from submission to end by bin, in seconds. */
export function meanSecondsByBin(runs: readonly PartitionRun[]): ReadonlyMap<number, number> {
  const sums = new Map<number, { totalMs: number; jobs: number }>();
  for (const { job, submittedMs, endedMs } of runs.flatMap((run) => run.spans)) {
    const sum = sums.get(job.bin) ?? { totalMs: 0, jobs: 0 };
    sums.set(job.bin, { totalMs: sum.totalMs + endedMs - submittedMs, jobs: sum.jobs + 1 });
  }
  return new Map([...sums].map(([bin, { totalMs, jobs }]) => [bin, totalMs / jobs / 1000]));
}

/** The active job with tasks to run that runs the fewest; the first of equals. */
function hungriest(active: readonly Progress[]): Progress | undefined {
  let found: Progress | undefined;
  for (const progress of active)
    if (progress.pending > 0 && (found === undefined || progress.running < found.running)) found = progress;
  return found;
}

/** Draws the length of one task from its job's model. */
function modelledMs({ model }: MapReduceJob, phase: 'map' | 'reduce', uniform: Uniform): number {
  const { mapMs, reduceMs, cv } = model;
  return drawLength(phase === 'map' ? mapMs : reduceMs, cv, uniform);
}

/** A log-normal draw with this mean and coefficient of variation. */
export function drawLength(meanMs: number, cv: number, uniform: Uniform): number {
  if (cv === 0 || meanMs === 0) return meanMs;
  const variance = Math.log(1 + cv * cv);
  return randomLogNormal.source(uniform)(Math.log(meanMs) - variance / 2, Math.sqrt(variance))();
}

/**
 * Puts a happening where it belongs: latest first, so that the next one is the last; equal times in order of
 * entry.
 */
function enter(agenda: Happening[], happening: Happening): void {
  let low = 0;
  let high = agenda.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((agenda[middle] as Happening).atMs > happening.atMs) low = middle + 1;
    else high = middle;
  }
  agenda.splice(low, 0, happening);
}
