/** A task of a job, one map or reduce: what it reads, and its attempts. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { SlaveId, TaskId } from '../../mesos/protocol/entities.ts';
import type { TaggedBlock } from './job.ts';
import type { JobInProgress } from './jobInProgress.ts';
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

/** One launched task that has not ended. */
export interface Attempt {
  readonly taskId: TaskId;
  readonly task: Task;
  readonly slaveId: SlaveId;
  readonly host: string;
  readonly launchedMs: Millis;
  /** By which its files are named, if it is not the first attempt of its task. */
  readonly label: string | undefined;
  /** Whether it was launched beside another attempt. */
  readonly isCopy: boolean;
  /** Whether anything was heard of it since it was launched, or since the master was lost. */
  heard: boolean;
  /** How much of it is done, as its TaskTracker last said; 0 to 1. */
  progress: number;
  /** Told to end: another attempt has finished. */
  unwanted: boolean;
}

/** The input of one map. */
export interface MapInput {
  readonly block: TaggedBlock;
  /** The task of an earlier job that wrote it. */
  readonly source: Task | undefined;
}

/** A side file: its text, or the tasks that wrote it. */
export type SideInput =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly outputOf: string; readonly sources: readonly Task[] };

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
