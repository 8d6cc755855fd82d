/** One attempt to run a task: what its end means. */
import type { SlaveId, TaskId, TaskStatus } from '../../../mesos/protocol/entities.ts';
import type { StatusReason } from '../../../mesos/protocol/tasks.ts';
import { remembering } from '../../recent.ts';
import {
  type TaskFailure,
  TaskFailureSchema,
  type TaskReport,
  TaskReportSchema,
  unpack,
  unpackData,
} from '../taskData.ts';
import type { Stage } from './stage.ts';

/** One launched task that has not ended. */
export interface Attempt {
  readonly taskId: TaskId;
  readonly stage: Stage;
  readonly partition: number;
  readonly slaveId: SlaveId;
  readonly host: string;
  /** Whether anything was heard of it. */
  heard: boolean;
}

/** How an attempt ended. */
export type Outcome =
  | { readonly type: 'finished'; readonly report: TaskReport }
  | { readonly type: 'failed'; readonly message: string; readonly failure?: TaskFailure }
  /** It lost its place through no fault of its own. */
  | { readonly type: 'displaced' }
  /** It came to an executor that was ending already. */
  | { readonly type: 'turned-away' };

/** Reasons for which a task is lost with its executor, which it may have brought down. */
const EXECUTOR_REASONS: ReadonlySet<StatusReason> = new Set<StatusReason>([
  'REASON_COMMAND_EXECUTOR_FAILED',
  'REASON_CONTAINER_LAUNCH_FAILED',
  'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
  'REASON_EXECUTOR_TERMINATED',
]);

/** What the executor says of a task that finished. Those that made nothing new tell the same, if their input was in the same place. */
const readReport = remembering(8, (data) => unpackData(TaskReportSchema, data));

/** What the executor says of the end of a task. */
export function outcomeOf(
  isFinished: boolean,
  message: string | undefined,
  data: Uint8Array | undefined,
): Outcome {
  return isFinished ? finished(unpack(TaskReportSchema, data)) : failed(message, data);
}

function finished(report: TaskReport | undefined): Outcome {
  if (report !== undefined) return { type: 'finished', report };
  return { type: 'failed', message: 'its executor sent no report that can be read' };
}

function failed(message = 'no reason given', data: Uint8Array | undefined): Outcome {
  const failure = unpack(TaskFailureSchema, data);
  return { type: 'failed', message, ...(failure && { failure }) };
}

/** What a terminal status says of a task. `ran` says whether anything was heard of it before. */
export function outcomeOfStatus({ state, reason, message, data }: TaskStatus, ran: boolean): Outcome {
  if (state === 'TASK_FINISHED') return finished(readReport(data ?? ''));
  if (state === 'TASK_FAILED' || state === 'TASK_ERROR')
    return failed(message ?? reason ?? state, data === undefined ? undefined : Buffer.from(data, 'base64'));
  if (state !== 'TASK_LOST' || reason === undefined || !EXECUTOR_REASONS.has(reason))
    return { type: 'displaced' };
  if (!ran) return { type: 'turned-away' };
  return { type: 'failed', message: message ?? reason };
}
