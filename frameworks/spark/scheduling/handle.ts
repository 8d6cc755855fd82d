/** What passes between a driver program and its scheduler. */
import type { SchedulerDriver } from '../../../mesos/driver/scheduler.ts';
import type { JobBoard } from '../../jobBoard.ts';
import type { BroadcastSource } from './broadcasts.ts';
import type { JobListener } from './job.ts';
import type { JobSpec, LineageNode } from './lineage.ts';

/** What a driver program may do with its scheduler. */
export interface SparkHandle extends JobBoard {
  /** The application's own space among the files of the nodes (files/storedFile.ts). */
  readonly space: string;
  /** Runs an action. `isQuiet`: the history is not told of it. What is returned ends it as failed, if it has not ended. */
  submit(spec: JobSpec, listener: JobListener, isQuiet?: boolean): { cancel(why: string): void };
  /** The dataset is not to be kept in memory any more. */
  unpersist(node: LineageNode): void;
  /** Tasks that are submitted from now on may need this value. */
  broadcast(id: number, source: BroadcastSource): void;
  /** No task that is submitted from now on needs it. */
  forgetBroadcast(id: number): void;
  /** Ends the application: its tasks and executors end. */
  stop(): void;
}

/** Whom to tell what. Called from within the scheduler: do nothing slow. */
export interface SparkSchedulerListener {
  /** The framework is registered: jobs may be submitted. Told once. */
  onReady(handle: SparkHandle, driver: SchedulerDriver): void;
  /** The master refused the framework; jobs under way have failed. */
  onRefused(message: string): void;
}
