/** What is known of a task beyond the master's books: how it has fared. And how the classic endpoints tell of it. */

import type { Task } from '../../master/state.ts';
import type { TaskStatus } from '../../protocol/entities.ts';
import { hasReservation } from '../../protocol/resources.ts';
import type { TaskState } from '../../protocol/tasks.ts';
import { labelsField, quoted, reservedJson, resourcesJson } from './jsonText.ts';

/** A status, without what its task tells. */
export type Told = Pick<TaskStatus, 'state' | 'source' | 'reason' | 'message' | 'timestamp'>;

/** A task in the books. */
export interface TaskRecord {
  readonly task: Task;
  /** One of each state, the latest last. */
  statuses: readonly Told[];
  /** As it has been counted. */
  counted: TaskState;
  /** What it needs counts as used. */
  holds: boolean;
  /** Of the last update from its slave. */
  updateState: TaskState | undefined;
}

/** Notes a status. */
export function note(record: TaskRecord, status: TaskStatus): void {
  const { state, source, reason, message, timestamp, uuid } = status;
  const told: Told = {
    state,
    source,
    timestamp,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  };
  record.statuses = [...record.statuses.filter((other) => other.state !== state), told];
  if (uuid !== undefined) record.updateState = state;
}

/** When the task began, as far as is known, in seconds. */
export function startedOf({ task, statuses }: TaskRecord): number {
  return statuses[0]?.timestamp ?? task.launchedMs / 1000;
}

/** The fields that all tasks of a framework have in common. */
export function commonFields(framework: Task['framework']): string {
  return `"framework_id":${quoted(framework.id)},"role":${quoted(framework.info.role ?? '*')}`;
}

/** A task as the classic endpoints tell of it; see {@link commonFields}. */
export function taskJson({ task, statuses }: TaskRecord, common: string): string {
  const { id, name, labels, slave, executorId, resources, ports, state } = task;
  // A field of ours: the sums do not tell.
  const reserved = hasReservation(resources) ? `,"reserved_resources":${reservedJson(resources)}` : '';
  return `{"id":${quoted(id)},"name":${quoted(name)},${common},"executor_id":${quoted(executorId)},"slave_id":${quoted(slave.id)},"state":"${state}","resources":${resourcesJson(resources, ports)}${reserved},"statuses":${statusesJson(statuses)}${labelsField(labels)}}`;
}

function statusesJson(statuses: readonly Told[]): string {
  let json = '';
  for (const { state, source, reason, message, timestamp } of statuses) {
    json += json === '' ? '[' : ',';
    json += `{"state":"${state}","timestamp":${timestamp}`;
    // Most are from executors.
    if (source !== 'SOURCE_EXECUTOR') json += `,"source":"${source}"`;
    if (reason !== undefined) json += `,"reason":"${reason}"`;
    if (message !== undefined) json += `,"message":${quoted(message)}`;
    json += '}';
  }
  return json === '' ? '[]' : `${json}]`;
}
