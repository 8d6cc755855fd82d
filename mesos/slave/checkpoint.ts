/**
 * What a slave keeps so that a later process of it can take its executors over: a list of records, appended as things happen.
 * The state is what the records add up to.
 */
import * as v from 'valibot';
import {
  ExecutorInfoSchema,
  FrameworkInfoSchema,
  IdSchema,
  type Immutable,
  TaskInfoSchema,
  type TaskStatus,
  TaskStatusSchema,
} from '../protocol/entities.ts';
import { type Resources, ResourcesSchema } from '../protocol/resources.ts';
import { isTerminal, STATUS_REASONS, TASK_STATES, type TaskState } from '../protocol/tasks.ts';
import { type RecoveredUpdates, withSeen, withWaiting } from './updates.ts';

const time = v.pipe(v.number(), v.finite());
const task = { frameworkId: IdSchema, taskId: IdSchema };

/** Why a task is to end, and until when its executor may take for it. */
const KillSchema = v.object({
  cause: v.picklist(['order', 'completion-time']),
  reason: v.exactOptional(v.picklist(STATUS_REASONS)),
  /** As what it ends, if it is killed; default TASK_KILLED. */
  state: v.exactOptional(v.picklist(['TASK_GONE_BY_OPERATOR', 'TASK_LOST'])),
  /** When the executor is ended if the task has not; absent: never. */
  deadlineMs: v.exactOptional(time),
});
/** A task is to end. */
export type KillOrder = Immutable<v.InferOutput<typeof KillSchema>>;

/** Something that happened, as it is kept. Times are those of the slave's clock. */
export const CheckpointRecordSchema = v.variant('kind', [
  /** The slave has this id. */
  v.object({ kind: v.literal('slave'), slaveId: IdSchema }),
  /** What the slave has bears these names; the latest counts. Absent: those that it is started with. */
  v.object({ kind: v.literal('resources'), resources: ResourcesSchema }),
  /** With its id; the latest counts. */
  v.object({ kind: v.literal('framework'), frameworkInfo: FrameworkInfoSchema }),
  /** The master has removed the framework: nobody wants to know of its tasks. */
  v.object({ kind: v.literal('framework-ended'), frameworkId: IdSchema }),
  v.object({
    kind: v.literal('executor'),
    containerId: IdSchema,
    frameworkId: IdSchema,
    executorInfo: ExecutorInfoSchema,
    /** By which the isolation module finds the container again. */
    state: v.exactOptional(v.unknown()),
  }),
  v.object({ kind: v.literal('executor-ending'), containerId: IdSchema }),
  v.object({ kind: v.literal('executor-ended'), containerId: IdSchema }),
  v.object({
    kind: v.literal('task'),
    frameworkId: IdSchema,
    info: TaskInfoSchema,
    isShort: v.boolean(),
    launchedMs: time,
    /** If it is not staging any more. */
    state: v.exactOptional(v.picklist(TASK_STATES)),
  }),
  v.object({ kind: v.literal('kill'), ...task, order: KillSchema }),
  v.object({ kind: v.literal('update'), frameworkId: IdSchema, status: TaskStatusSchema }),
  v.object({ kind: v.literal('acknowledged'), ...task, uuid: IdSchema }),
]);
/** A record of a checkpoint. */
export type CheckpointRecord = Immutable<v.InferOutput<typeof CheckpointRecordSchema>>;
type RecordOf<K extends CheckpointRecord['kind']> = Omit<CheckpointRecord & { kind: K }, 'kind'>;

/** A task as an earlier process left it. */
export interface RecoveredTask extends RecordOf<'task'> {
  /** The latest. */
  readonly state: TaskState;
  readonly kill?: KillOrder;
  readonly updates: RecoveredUpdates;
}

/** An executor as an earlier process left it. */
export interface RecoveredExecutor extends RecordOf<'executor'> {
  /** It was told to end. */
  readonly isEnding: boolean;
}

/** What an earlier process left. */
export interface Recovered extends RecordOf<'slave'> {
  /** All that the slave has, if some of it was reserved since it was started first, or not any more. */
  readonly resources?: Resources;
  readonly frameworks: readonly RecordOf<'framework'>['frameworkInfo'][];
  readonly executors: readonly RecoveredExecutor[];
  /** Those that live, and those whose end has not been acknowledged. */
  readonly tasks: readonly RecoveredTask[];
}

/** Where a slave keeps its records. */
export interface SlaveCheckpoint {
  /** What an earlier process left; undefined if there is nothing. Containers that cannot be found again have no state. */
  load(): Recovered | undefined;
  /** The same of the resources alone, also if the slave has taken leave, or was sent away, and is to start as another one. */
  resources(): Resources | undefined;
  /** Keeps a record; it is kept when this returns. */
  append(record: CheckpointRecord): void;
  /** Forgets everything, at once; from then on the resources bear these names. Absent: those that the slave is started with. */
  clear(names?: Resources): void;
}

/** No checkpoint: everything ends with the process. */
export const NO_CHECKPOINT: SlaveCheckpoint = {
  load: () => undefined,
  resources: () => undefined,
  append() {},
  clear() {},
};

interface Known {
  readonly task: RecordOf<'task'>;
  state: TaskState;
  kill: KillOrder | undefined;
  waiting: TaskStatus[];
  seen: readonly string[];
}

/** What the records add up to; undefined if the slave has no id by then. */
function replay(records: Iterable<CheckpointRecord>): Recovered | undefined {
  let slave: RecordOf<'slave'> | undefined;
  let resources: Resources | undefined;
  const frameworks = new Map<string, RecordOf<'framework'>['frameworkInfo']>();
  const executors = new Map<string, RecoveredExecutor>();
  const tasks = new Map<string, Known>();
  const key = (frameworkId: string, taskId: string): string => `${frameworkId}/${taskId}`;
  for (const record of records)
    switch (record.kind) {
      case 'slave':
        slave = record;
        break;
      case 'resources':
        resources = record.resources;
        break;
      case 'framework':
        if (record.frameworkInfo.id !== undefined)
          frameworks.set(record.frameworkInfo.id, record.frameworkInfo);
        break;
      case 'framework-ended':
        for (const [id, { task }] of tasks) if (task.frameworkId === record.frameworkId) tasks.delete(id);
        break;
      case 'executor':
        executors.set(record.containerId, { ...record, isEnding: false });
        break;
      case 'executor-ending': {
        const executor = executors.get(record.containerId);
        if (executor !== undefined) executors.set(record.containerId, { ...executor, isEnding: true });
        break;
      }
      case 'executor-ended':
        executors.delete(record.containerId);
        break;
      case 'task':
        tasks.set(key(record.frameworkId, record.info.taskId), {
          task: record,
          state: record.state ?? 'TASK_STAGING',
          kill: undefined,
          waiting: [],
          seen: [],
        });
        break;
      case 'kill': {
        const known = tasks.get(key(record.frameworkId, record.taskId));
        if (known !== undefined) known.kill = record.order;
        break;
      }
      case 'update': {
        const { status } = record;
        const known = tasks.get(key(record.frameworkId, status.taskId));
        if (known === undefined) break;
        known.state = status.state;
        known.waiting = withWaiting(known.waiting, status);
        if (status.uuid !== undefined) known.seen = withSeen(known.seen, status.uuid);
        break;
      }
      case 'acknowledged': {
        const id = key(record.frameworkId, record.taskId);
        const known = tasks.get(id);
        if (known === undefined) break;
        if (!known.seen.includes(record.uuid)) known.seen = withSeen(known.seen, record.uuid);
        // In a file that was written anew, what was acknowledged stands before what waits.
        if (known.waiting[0]?.uuid !== record.uuid) break;
        known.waiting.shift();
        if (known.waiting.length === 0 && isTerminal(known.state)) tasks.delete(id);
        break;
      }
      default:
        record satisfies never;
    }
  if (slave === undefined) return undefined;
  return {
    slaveId: slave.slaveId,
    ...(resources !== undefined && { resources }),
    frameworks: [...frameworks.values()],
    executors: [...executors.values()],
    tasks: [...tasks.values()].map(({ task, state, kill, waiting, seen }) => ({
      ...task,
      state,
      ...(kill && { kill }),
      updates: { waiting, seen },
    })),
  };
}

/** What the records say of the slave's resources, whether it has an id or not. */
export function resourcesIn(records: readonly CheckpointRecord[]): Resources | undefined {
  const latest = records.findLast((record) => record.kind === 'resources');
  return latest?.kind === 'resources' ? latest.resources : undefined;
}

/** What the records add up to, without the frameworks of which nothing is left. */
export function restore(records: Iterable<CheckpointRecord>): Recovered | undefined {
  const recovered = replay(records);
  if (recovered === undefined) return undefined;
  const used = new Set([...recovered.executors, ...recovered.tasks].map(({ frameworkId }) => frameworkId));
  const frameworks = recovered.frameworks.filter(({ id }) => id !== undefined && used.has(id));
  return { ...recovered, frameworks };
}

/** The fewest records that add up to the same. */
export function* recordsOf(recovered: Recovered): Generator<CheckpointRecord> {
  const { slaveId, resources, frameworks, executors, tasks } = recovered;
  if (resources !== undefined) yield { kind: 'resources', resources };
  yield { kind: 'slave', slaveId };
  for (const frameworkInfo of frameworks) yield { kind: 'framework', frameworkInfo };
  for (const { isEnding, containerId, frameworkId, executorInfo, state } of executors) {
    yield { kind: 'executor', containerId, frameworkId, executorInfo, state };
    if (isEnding) yield { kind: 'executor-ending', containerId };
  }
  for (const { frameworkId, info, isShort, launchedMs, kill, state, updates } of tasks) {
    const { taskId } = info;
    yield { kind: 'task', frameworkId, info, isShort, launchedMs, state };
    if (kill !== undefined) yield { kind: 'kill', frameworkId, taskId, order: kill };
    const waiting = new Set(updates.waiting.map(({ uuid }) => uuid));
    for (const uuid of updates.seen)
      if (!waiting.has(uuid)) yield { kind: 'acknowledged', frameworkId, taskId, uuid };
    for (const status of updates.waiting) yield { kind: 'update', frameworkId, status };
  }
}
