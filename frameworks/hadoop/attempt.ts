/** One attempt to run a task: its id, what its TaskTracker is told, and what its end means. */
import type { TaskId, TaskStatus } from '../../mesos/protocol/entities.ts';
import type { StatusReason } from '../../mesos/protocol/tasks.ts';
import { partBlock } from './jobInputs.ts';
import type { SideInput, Task } from './task.ts';
import { type JobData, type TaskData, writeData } from './taskData.ts';

/** The name of a task, unique in its framework: `job_m_3`. */
export function taskName({ job, type, index }: Task): string {
  return `${job.spec.id}_${type === 'map' ? 'm' : 'r'}_${index}`;
}

/** The id of the attempt that was last launched, unique in its framework. */
export function attemptId(task: Task, incarnation: number): TaskId {
  return `${taskName(task)}_${nameOf(task, incarnation)}`;
}

/** The label of the attempt that was last launched: two of a task never have the same. */
export function attemptLabel(task: Task, incarnation: number): string | undefined {
  return task.attempts === 1 && incarnation === 0 ? undefined : nameOf(task, incarnation);
}

function nameOf({ attempts }: Task, incarnation: number): string {
  return `${attempts - 1}${incarnation === 0 ? '' : `_${incarnation.toString(36)}`}`;
}

/** The `data` of a task (TaskData in taskData.ts). */
export function taskData(task: Task, label: string | undefined): string {
  return writeData(task.job.told, ownData(task, label));
}

/** What is told to this task alone. */
type OwnData<D extends TaskData = TaskData> = D extends TaskData
  ? Undefinable<Omit<D, keyof JobData>>
  : never;
/** What is undefined is not written. */
type Undefinable<D> = { readonly [name in keyof D]: D[name] | undefined };

function ownData({ job, index, block, source }: Task, attempt: string | undefined): OwnData {
  const side = job.side.length > 0 ? job.side.map(sideData) : undefined;
  const { program, reduces } = job.spec;
  if (block !== undefined)
    return { type: 'map', index, side, attempt, block, outputOf: source?.job.spec.id, reduces };
  const places = new Map<string, number>();
  const mapHosts: number[] = [];
  const labels: Record<string, string> = {};
  // Modelled reduces fetch nothing.
  if (program.type !== 'model')
    for (const { index: map, host, label } of job.maps) {
      if (host === undefined) continue;
      if (label !== undefined) labels[map] = label;
      const place = places.get(host) ?? places.size;
      places.set(host, place);
      mapHosts.push(place);
    }
  const mapAttempts = Object.keys(labels).length > 0 ? labels : undefined;
  return { type: 'reduce', index, side, attempt, hosts: [...places.keys()], mapHosts, mapAttempts };
}

function sideData(side: SideInput) {
  if ('text' in side) return side;
  const { name, outputOf, sources } = side;
  return { name, outputOf, parts: sources.map(partBlock) };
}

/** Reasons for which a task is lost with its executor, which it may have brought down. */
const EXECUTOR_REASONS: ReadonlySet<StatusReason> = new Set<StatusReason>([
  'REASON_COMMAND_EXECUTOR_FAILED',
  'REASON_CONTAINER_LAUNCH_FAILED',
  'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
  'REASON_EXECUTOR_TERMINATED',
]);

/** What an attempt that did not finish says about its task. */
export type Loss =
  | 'own-fault'
  /** It came to an executor that was ending already. */
  | 'turned-away'
  /** It lost its place through no fault of its own. */
  | 'displaced';

/** Why an attempt was lost. `ran` says whether anything was heard of it before. */
export function lossOf({ state, reason }: TaskStatus, ran: boolean): Loss {
  if (state === 'TASK_FAILED' || state === 'TASK_ERROR') return 'own-fault';
  if (state !== 'TASK_LOST' || reason === undefined || !EXECUTOR_REASONS.has(reason)) return 'displaced';
  return ran ? 'own-fault' : 'turned-away';
}
