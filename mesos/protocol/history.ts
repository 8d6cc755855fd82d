/**
 * The history: what happened, one event a line (NDJSON). Every figure and table of a report is a function of it.
 *
 * An actor records an event without a time; the runtime adds the stamp.
 */
import type { ExecutorId, FrameworkId, OfferId, SlaveId, TaskId } from './entities.ts';
import type { Resources } from './resources.ts';
import type { StatusReason, TaskState } from './tasks.ts';

/** What an actor may record. */
export type HistoryEvent =
  // Leadership, recorded by masters.
  | { readonly event: 'master-elected'; readonly masterId: string }
  | { readonly event: 'master-deposed'; readonly masterId: string; readonly reason: string }
  /** A master that does not lead has heard that another one, which led, does so no more. */
  | { readonly event: 'leader-lost'; readonly masterId: string }
  // The cluster, recorded by the master (or by the standalone driver, which has no master).
  | {
      readonly event: 'slave-registered';
      readonly slaveId: SlaveId;
      readonly hostname: string;
      readonly resources: Resources;
    }
  | { readonly event: 'slave-disconnected'; readonly slaveId: SlaveId; readonly reason: string }
  | { readonly event: 'slave-lost'; readonly slaveId: SlaveId; readonly reason: string }
  | {
      readonly event: 'framework-registered';
      readonly frameworkId: FrameworkId;
      readonly name: string;
      readonly role: string;
    }
  | { readonly event: 'framework-removed'; readonly frameworkId: FrameworkId; readonly reason: string }
  // Offers: each is sent once and ends in exactly one of accepted, declined, rescinded.
  | {
      readonly event: 'offer-sent';
      readonly offerId: OfferId;
      readonly frameworkId: FrameworkId;
      readonly slaveId: SlaveId;
      readonly resources: Resources;
    }
  | { readonly event: 'offer-accepted'; readonly offerId: OfferId; readonly tasks: number }
  | { readonly event: 'offer-declined'; readonly offerId: OfferId; readonly refuseSeconds: number }
  | { readonly event: 'offer-rescinded'; readonly offerId: OfferId; readonly reason: string }
  /** Something that an accepted offer was to be used for, beside tasks, cannot be done. */
  | {
      readonly event: 'operation-dropped';
      readonly operation: string;
      readonly frameworkId: FrameworkId;
      readonly reason: string;
      /** Absent if the offers are void. */
      readonly slaveId?: SlaveId;
    }
  /** Some of what a slave has is reserved, or not any more: all that it has. */
  | { readonly event: 'slave-reserved'; readonly slaveId: SlaveId; readonly resources: Resources }
  // Tasks, as the master (or the standalone driver) sees them.
  | {
      readonly event: 'task-launched';
      readonly taskId: TaskId;
      readonly frameworkId: FrameworkId;
      readonly slaveId: SlaveId;
      readonly executorId: ExecutorId;
      readonly resources: Resources;
    }
  | {
      readonly event: 'task-updated';
      readonly taskId: TaskId;
      readonly frameworkId: FrameworkId;
      readonly slaveId: SlaveId;
      readonly state: TaskState;
      readonly reason?: StatusReason;
      readonly message?: string;
    }
  /** The task is to end so that another framework gets its guaranteed share (NSDI'11 §3.3). */
  | {
      readonly event: 'task-revoked';
      readonly taskId: TaskId;
      readonly frameworkId: FrameworkId;
      readonly slaveId: SlaveId;
      readonly forFrameworkId: FrameworkId;
      readonly graceMs: number;
    }
  // Operators, recorded by the master: who did what to whom. The slave of a drain is drained when nothing is left on it.
  | {
      readonly event: 'operator-acted';
      readonly action: string;
      readonly subject: string;
      readonly principal?: string;
    }
  | {
      readonly event: 'operator-refused';
      readonly action: string;
      readonly subject: string;
      readonly reason: string;
      readonly principal?: string;
    }
  | { readonly event: 'slave-drained'; readonly slaveId: SlaveId }
  // Executors, recorded by the slave.
  | {
      readonly event: 'executor-started';
      readonly frameworkId: FrameworkId;
      readonly executorId: ExecutorId;
      readonly slaveId: SlaveId;
    }
  | {
      readonly event: 'executor-exited';
      readonly frameworkId: FrameworkId;
      readonly executorId: ExecutorId;
      readonly slaveId: SlaveId;
      readonly status: number;
    }
  /** A new process of the slave has taken the executor over. */
  | {
      readonly event: 'executor-recovered';
      readonly frameworkId: FrameworkId;
      readonly executorId: ExecutorId;
      readonly slaveId: SlaveId;
    }
  /** What the executor and its tasks have used: CPU time since it started, memory now. */
  | {
      readonly event: 'executor-usage';
      readonly frameworkId: FrameworkId;
      readonly executorId: ExecutorId;
      readonly slaveId: SlaveId;
      readonly cpuSeconds: number;
      readonly memBytes: number;
    }
  // Jobs, recorded by the framework's scheduler.
  | {
      readonly event: 'job-submitted';
      readonly framework: string;
      readonly jobId: string;
      readonly kind: string;
      readonly tasks: number;
      readonly intendedMs: number;
    }
  | { readonly event: 'job-started'; readonly framework: string; readonly jobId: string }
  /** A scheduler that takes its time has decided about a job: it took so long, and so many of its tasks were launched. */
  | {
      readonly event: 'job-decided';
      readonly framework: string;
      readonly jobId: string;
      readonly tookMs: number;
      readonly tasks: number;
    }
  | {
      readonly event: 'job-finished';
      readonly framework: string;
      readonly jobId: string;
      readonly outcome: 'finished' | 'failed';
      readonly message?: string;
    }
  // Where a task's input came from, recorded by the framework's scheduler when the task has finished.
  | {
      readonly event: 'block-read';
      readonly framework: string;
      readonly jobId: string;
      readonly taskId: TaskId;
      readonly locality: 'local' | 'remote';
      readonly bytes: number;
    }
  /** Something was broken on purpose; recorded by the experiment. */
  | { readonly event: 'fault-injected'; readonly fault: string; readonly subject: string }
  /** Then, for real: its effect was seen, it was taken back, nothing of it was seen any more. */
  | { readonly event: 'fault-visible'; readonly fault: string; readonly subject: string }
  | { readonly event: 'fault-healed'; readonly fault: string; readonly subject: string }
  | { readonly event: 'fault-recovered'; readonly fault: string; readonly subject: string };

/** What the runtime adds. */
export interface Stamp {
  /** Milliseconds on the clock of the process: since the epoch for real, since the start in virtual time. */
  readonly t: number;
  /** Counts the events of one process; `t` and `seq` together order its history. */
  readonly seq: number;
  /** Which actor recorded it, e.g. `master@127.0.0.1:5050`. */
  readonly by: string;
}

/** One line of a history. */
export type HistoryLine = Stamp & HistoryEvent;
