/** What the page knows of a cluster: slaves, frameworks and tasks, with sums that are kept up as they change. */
import type { Millis } from '../clock.ts';
import type { Quantities, Sum } from './quantities.ts';
import { quantitiesReader } from './quantities.ts';
import type { TaskState } from './taskStates.ts';

/** How a slave is. */
export type SlaveState = 'active' | 'inactive' | 'deactivated' | 'draining' | 'drained';

/** A slave. */
export interface SlaveRecord {
  readonly id: string;
  readonly hostname: string;
  /** `host:port` of its process. */
  readonly address: string;
  readonly state: SlaveState;
  readonly total: Quantities;
  readonly attributes: string;
  readonly version: string;
  readonly registeredMs: Millis | undefined;
  readonly reregisteredMs: Millis | undefined;
}

/** What runs on a slave. It is kept apart, since it stays when the slave is told of anew. */
export interface Load {
  readonly used: Sum;
  live: number;
}

/** How a framework is. `unknown`: only its tasks have been told of. */
export type FrameworkState = 'connected' | 'disconnected' | 'recovered' | 'completed' | 'unknown';

/** What a framework tells of itself, and how it is. */
export interface FrameworkFacts {
  readonly name: string;
  readonly user: string;
  readonly role: string;
  readonly principal: string;
  readonly hostname: string;
  readonly webuiUrl: string;
  readonly capabilities: readonly string[];
  readonly failoverTimeoutS: number;
  readonly checkpoint: boolean;
  readonly state: FrameworkState;
  readonly registeredMs: Millis | undefined;
  readonly reregisteredMs: Millis | undefined;
  readonly unregisteredMs: Millis | undefined;
}

/** A framework. */
export interface FrameworkRecord {
  readonly id: string;
  facts: FrameworkFacts;
  readonly tasks: Map<string, TaskRecord>;
  /** By its live tasks. */
  readonly used: Sum;
  readonly counts: Partial<Record<TaskState, number>>;
  live: number;
}

/** A task. */
export interface TaskRecord {
  readonly id: string;
  readonly name: string;
  readonly framework: FrameworkRecord;
  readonly slaveId: string;
  readonly executorId: string;
  readonly resources: Quantities;
  state: TaskState;
  /** When it was first heard of. */
  readonly startedMs: Millis | undefined;
  /** When it came to its state. */
  changedMs: Millis | undefined;
  /** Of its last status: why it is in its state. */
  why: string;
}

/** How often each part has changed. */
export interface Revisions {
  slaves: number;
  frameworks: number;
  tasks: number;
}

/** What the page knows. */
export interface Model {
  readonly slaves: Map<string, SlaveRecord>;
  readonly loads: Map<string, Load>;
  /** Names of slaves that have left, the latest last: tasks may still name them. */
  readonly departed: Map<string, string>;
  readonly frameworks: Map<string, FrameworkRecord>;
  /** All tasks that are known, oldest first. */
  readonly tasks: Set<TaskRecord>;
  /** Those that have ended, the latest last. */
  readonly ended: Set<TaskRecord>;
  readonly total: Sum;
  readonly used: Sum;
  readonly counts: Partial<Record<TaskState, number>>;
  /** Tasks that ended since the page listens. */
  endedSince: number;
  readonly revisions: Revisions;
  readonly quantitiesOf: ReturnType<typeof quantitiesReader>;
}

/** Tasks that have ended and are kept. */
export const ENDED_MAX = 20_000;
/** Frameworks that have ended and are kept. */
export const COMPLETED_MAX = 100;
/** Slaves that have left and whose names are kept. */
export const DEPARTED_MAX = 1000;

/** Nothing is known yet. */
export function newModel(): Model {
  return {
    slaves: new Map(),
    loads: new Map(),
    departed: new Map(),
    frameworks: new Map(),
    tasks: new Set(),
    ended: new Set(),
    total: {},
    used: {},
    counts: {},
    endedSince: 0,
    revisions: { slaves: 0, frameworks: 0, tasks: 0 },
    quantitiesOf: quantitiesReader(),
  };
}

/** What a slave is called, also if it has left. */
export function hostnameOf(model: Model, slaveId: string): string {
  return model.slaves.get(slaveId)?.hostname ?? model.departed.get(slaveId) ?? slaveId;
}

/** What runs on a slave. */
export function loadOf(model: Model, slaveId: string): Load {
  let load = model.loads.get(slaveId);
  if (load === undefined) {
    load = { used: {}, live: 0 };
    model.loads.set(slaveId, load);
  }
  return load;
}
