/** What an executor does with tasks: in threads for real, by timers in virtual time. */
import type { TaskData, TaskFailure, TaskReport } from '../taskData.ts';

/** What became of a task. */
export type TaskEnd =
  | { readonly outcome: 'finished'; readonly report: TaskReport }
  | { readonly outcome: 'failed'; readonly message: string; readonly failure: TaskFailure }
  | { readonly outcome: 'killed' };

/** Runs tasks. */
export interface Runner {
  /** Runs a task of this name; `ended` is called once, not before this has returned. */
  run(name: string, task: TaskData, ended: (end: TaskEnd) => void): void;
  /** Ends a task, if it is there, as soon as can be; its `ended` tells when. */
  kill(name: string): void;
  /** Lets go of a cached dataset. */
  unpersist(dataset: number): void;
  forgetBroadcast(id: number): void;
  /** Ends everything, and removes what is left of the application on this node. */
  close(): Promise<void>;
}
