/** What an isolation module is (NSDI'11 §3.4): it runs executors in containers on a slave, and ends them for certain. */
import type { ExecutorInfo, FrameworkId, SlaveId } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { StatusReason } from '../protocol/tasks.ts';
import type { Address } from '../runtime/actor.ts';

/** An executor to run. */
export interface ContainerSpec {
  /** Unique on this slave; becomes a folder name. */
  readonly containerId: string;
  readonly frameworkId: FrameworkId;
  readonly slaveId: SlaveId;
  /** Where the executor finds its slave, e.g. `slave@127.0.0.1:5051`. */
  readonly slave: Address;
  readonly executorInfo: ExecutorInfo;
  /** How long the executor has to end by itself when it is told to, in milliseconds. */
  readonly shutdownGraceMs: number;
  /** How long the executor outlives its slave's process, in milliseconds; absent: not at all. */
  readonly recoveryTimeoutMs?: number;
}

/** How a container ended. */
export interface Exit {
  /** Exit code, or 128 + signal; -1 if nobody could see it, as after a restart of the slave. */
  readonly status: number;
  /** One sentence, if there is more to say than the status. */
  readonly message?: string;
  /** Why, if it was not the executor's own doing, e.g. REASON_CONTAINER_LIMITATION_MEMORY. */
  readonly reason?: StatusReason;
}

/** The status of what was ended by SIGKILL. */
export const KILLED = 137;

/** A limit that a container has run into, as it is told of in an {@link Exit} or a status. */
export type Limitation = Required<Pick<Exit, 'reason' | 'message'>>;

/** What the processes of a container use. */
export interface Usage {
  /** Since the container started. */
  readonly cpuSeconds: number;
  /** At the moment. */
  readonly memBytes: number;
}

/** A running container. */
export interface Container {
  /** The container holds tasks with these resources in all, the executor's own included; absent if nothing is limited by it. */
  update?(resources: Resources): void;
  /** Ends every process in it, at once. Its owner is told as of any end. */
  destroy(): void;
  /** What it uses; undefined if that is not known, or it has ended. */
  usage?(): Usage | undefined;
  /** The limit that something in it has run into, of which it will end or has ended; undefined if there is none. */
  limitation?(): Limitation | undefined;
  /** The executor has not been started: what its command names is being fetched. */
  readonly isFetching?: boolean;
  /** What a later process of the slave needs to find the container again, as JSON; absent if it cannot. */
  readonly state?: unknown;
}

/** Who is told what becomes of a container. */
export interface ContainerOwner {
  /** Called exactly once, later than the container was returned. */
  exited(exit: Exit): void;
  /** A container whose `isFetching` was true has started its executor, and has its `state`. */
  started?(): void;
}

/** An isolation module. */
export interface Isolation {
  /** Starts an executor. Never throws: what goes wrong is told as its exit. */
  launch(spec: ContainerSpec, owner: ContainerOwner): Container;
  /**
   * Finds a container that an earlier process of this slave launched, by its `state`. That it is gone, or that this module cannot
   * find it, is told as its exit. Absent: executors end with the process of the slave.
   */
  recover?(spec: ContainerSpec, state: unknown, owner: ContainerOwner): Container;
}
