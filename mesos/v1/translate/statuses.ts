/** Task statuses between the house and the v1 API: ids of updates are hexadecimal here, base64 there; slaves are agents there. */

import type { TaskStatus } from '../../protocol/entities.ts';
import { STATUS_REASONS, type StatusReason } from '../../protocol/tasks.ts';
import type * as v1 from '../entities.ts';
import { MalformedError } from '../json.ts';

const UUID_BYTES = 16;

/** The id of an update as v1 has it. */
export const uuidToV1 = (uuid: string): string => Buffer.from(uuid, 'hex').toString('base64');

/** Reads the id of an update. Throws a {@link MalformedError} if it does not have 16 bytes. */
export function uuidFromV1(uuid: string): string {
  const bytes = Buffer.from(uuid, 'base64');
  if (bytes.length !== UUID_BYTES)
    throw new MalformedError(`Not a valid UUID: it has ${bytes.length} bytes, and must have ${UUID_BYTES}`);
  return bytes.toString('hex');
}

const SOURCES = {
  SOURCE_MASTER: 'SOURCE_MASTER',
  SOURCE_SLAVE: 'SOURCE_AGENT',
  SOURCE_EXECUTOR: 'SOURCE_EXECUTOR',
} as const;

type V1Reason = NonNullable<v1.TaskStatus['reason']>;

function reasonToV1(reason: StatusReason): V1Reason {
  return reason.replace('REASON_SLAVE_', 'REASON_AGENT_') as V1Reason;
}

/** A reason that this system never gives itself is left out. */
function reasonFromV1(reason: V1Reason): StatusReason | undefined {
  const own = reason.replace('REASON_AGENT_', 'REASON_SLAVE_');
  return STATUS_REASONS.find((known) => known === own);
}

/** A status as v1 has it. */
export function statusToV1(status: TaskStatus): v1.TaskStatus {
  const { taskId, state, source, reason, message, data, slaveId, executorId, timestamp, uuid } = status;
  return {
    task_id: { value: taskId },
    state,
    source: SOURCES[source],
    ...(reason !== undefined && { reason: reasonToV1(reason) }),
    ...(message !== undefined && { message }),
    ...(data !== undefined && { data }),
    ...(slaveId !== undefined && { agent_id: { value: slaveId } }),
    ...(executorId !== undefined && { executor_id: { value: executorId } }),
    timestamp,
    ...(uuid !== undefined && { uuid: uuidToV1(uuid) }),
  };
}

/** Reads a status; `nowSeconds` stands in for a time that is not given. Throws a {@link MalformedError}. */
export function statusFromV1(status: v1.TaskStatus, nowSeconds: number): TaskStatus {
  const { task_id, state, source = 'SOURCE_EXECUTOR', message, data, agent_id, executor_id } = status;
  const { timestamp = nowSeconds, uuid } = status;
  const reason = status.reason && reasonFromV1(status.reason);
  return {
    taskId: task_id.value,
    state,
    source: source === 'SOURCE_AGENT' ? 'SOURCE_SLAVE' : source,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(data !== undefined && { data }),
    ...(agent_id !== undefined && { slaveId: agent_id.value }),
    ...(executor_id !== undefined && { executorId: executor_id.value }),
    timestamp,
    ...(uuid !== undefined && { uuid: uuidFromV1(uuid) }),
  };
}
