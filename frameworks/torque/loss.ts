/** How slots get lost, and whether that says anything against the job. */
import type { TaskStatus } from '../../mesos/protocol/entities.ts';
import type { StatusReason } from '../../mesos/protocol/tasks.ts';

const SLOT_GONE: ReadonlySet<StatusReason> = new Set<StatusReason>([
  'REASON_INVALID_OFFERS',
  'REASON_MASTER_DISCONNECTED',
  'REASON_RECONCILIATION',
  'REASON_SLAVE_DISCONNECTED',
  'REASON_SLAVE_REMOVED',
  'REASON_SLAVE_UNKNOWN',
  'REASON_TASK_KILLED_DURING_LAUNCH',
  'REASON_TASK_UNKNOWN',
]);

/** Was the slot taken away or never there, rather than its rank bad? Before the start, another slot will do. */
export function isSlotGone({ state, reason }: TaskStatus): boolean {
  return (
    (state === 'TASK_LOST' || state === 'TASK_KILLED') && (reason === undefined || SLOT_GONE.has(reason))
  );
}

/** Why a rank that ended too early did so, in words. */
export function describeLoss({ state, reason, message }: TaskStatus): string {
  if (state === 'TASK_FINISHED') return 'it ended before the job had started';
  const parts = [reason, message].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? state : `${state}, ${parts.join(': ')}`;
}
