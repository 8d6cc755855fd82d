/** A task of a job: one map or reduce. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Attempt } from './attempt.ts';
import type { TaggedBlock } from './job.ts';
import type { JobInProgress } from './jobInProgress.ts';
import type { MapInput } from './jobInputs.ts';
import type { TaskReport } from './taskData.ts';

/** One map or reduce of a job, through all its attempts. */
export interface Task {
  readonly job: JobInProgress;
  readonly type: 'map' | 'reduce';
  readonly index: number;
  /** Of a map: its input. */
  block: TaggedBlock | undefined;
  /** Of a map that reads what a task of an earlier job wrote: that task. */
  readonly source: Task | undefined;
  state: 'pending' | 'running' | 'finished';
  /** How often it failed through its own fault. */
  failures: number;
  /** Hosts on which that was, each once. */
  failedOn: readonly string[];
  /** Until then it is not to run on those. */
  avoidsUntilMs: Millis;
  /** How many attempts were launched. */
  attempts: number;
  /** Attempts that run and whose work is wanted: two while a copy runs beside the first. */
  readonly live: Attempt[];
  /** Finished: how long that took, from its launch. */
  tookMs: Millis | undefined;
  /** Finished: the hostname of the slave that it ran on, which holds its map output. */
  host: string | undefined;
  /** Finished: by which attempt, if not the first (attempt.ts). */
  label: string | undefined;
  /** Finished: what it did. */
  report: TaskReport | undefined;
  /** Finished, and wrote a part of the job's output: who still holds it. */
  partHosts: readonly string[] | undefined;
}

const NOWHERE: readonly string[] = [];

/** A task that has yet to run; a map with its input. */
export function newTask(
  job: JobInProgress,
  type: Task['type'],
  index: number,
  input: MapInput | undefined,
): Task {
  return {
    job,
    type,
    index,
    block: input?.block,
    source: input?.source,
    state: 'pending',
    failures: 0,
    failedOn: NOWHERE,
    avoidsUntilMs: 0,
    attempts: 0,
    live: [],
    tookMs: undefined,
    host: undefined,
    label: undefined,
    report: undefined,
    partHosts: undefined,
  };
}

/** Does one attempt of it run, and one only? */
export const isAlone = ({ state, live }: Task): boolean => state === 'running' && live.length === 1;
