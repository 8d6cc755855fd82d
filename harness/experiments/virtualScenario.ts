/** A cluster and its work in virtual time, as data. */

import type { Speculation } from '../../frameworks/hadoop/speculation.ts';
import type { LoadConfigInput } from '../../frameworks/load/config.ts';
import type { MachineModel } from '../../frameworks/load/machine.ts';
import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { AllocationOptions } from '../../mesos/allocation/options.ts';
import type { PriorityOptions } from '../../mesos/allocation/priority.ts';
import type { MasterOptions } from '../../mesos/master/options.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { SlaveTimes } from '../../mesos/slave/options.ts';
import type { IterativeJob } from '../../workloads/iterative.ts';
import type { MapReduceJob, RigidJob } from '../../workloads/jobs.ts';

/** The cluster and its work in virtual time. */
export interface VirtualScenario {
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** A slave's machine, if the tasks of loads share it: those that need more together than it has are slower. */
  readonly machine?: MachineModel;
  /** Replicas of each block of a framework's input. */
  readonly replication: number;
  /** Where they are: on slaves that the framework may use (default), or on any of the cluster, also if it has a part of it. */
  readonly blocksOn?: 'partition' | 'cluster';
  /** How the master allocates; default fair sharing. */
  readonly allocation?: Allocation;
  /** Where masters are set up otherwise than by default. */
  readonly master?: Partial<
    Pick<
      MasterOptions,
      | 'allocationIntervalMs'
      | 'offerTimeoutMs'
      | 'slavePingIntervalMs'
      | 'slavePingsMissedMax'
      | 'reregisterTimeoutMs'
    >
  >;
  /** Masters of which one is elected to lead; default one that everybody knows. */
  readonly masters?: {
    readonly count: number;
    readonly sessionTimeoutMs: Millis;
    /** Sessions end at multiples of this, as ZooKeeper's do; default 0: at any time. */
    readonly tickMs?: Millis;
    /** In a session time-out; default 3. */
    readonly heartbeats?: number;
  };
  /** Where slaves are set up otherwise than by default. */
  readonly slave?: Partial<Pick<SlaveTimes, 'registrationBackoffMs'>>;
  /** What goes wrong, and when. */
  readonly faults?: readonly VirtualFault[];
  /** What runs only on Mesos may end then, though it has work left; default: the run ends with its jobs. */
  readonly untilMs?: Millis;
  /** How long executors take to start; default: they are there at once. */
  readonly executorStartMs?: Millis;
  /** Speeds of the first slaves, where they are not 1: the usual. */
  readonly speeds?: readonly number[];
  readonly frameworks: readonly VirtualFramework[];
  /** Virtual time after which a run that has not ended counts as failed. */
  readonly limitMs: number;
}

/** An allocation module and its options. `first-come` is fair sharing with ties as in the Mesos of 2010. */
export type Allocation =
  | { readonly module: 'fair' | 'lottery' | 'first-come'; readonly options?: AllocationOptions }
  | { readonly module: 'priority'; readonly options?: PriorityOptions };

/** Something that goes wrong at a time. */
export type VirtualFault =
  /** The master that leads is killed, and does not come back; at a random time up to `withinMs` after `atMs`, default at `atMs`. */
  | { readonly fault: 'kill-leader'; readonly atMs: Millis; readonly withinMs?: Millis }
  /** The slave with this number, counted from 0, is killed with all that runs on it. */
  | { readonly fault: 'kill-slave'; readonly atMs: Millis; readonly slave: number };

/** What all frameworks may have. */
interface FrameworkFrame {
  /** In the history. */
  readonly name: string;
  /** Slaves of its static partition. */
  readonly partition: number;
  /** When it starts; default 0. On Mesos only. */
  readonly startMs?: Millis;
  /** The run ends without it, when all others have ended: it is there to fill the cluster. On Mesos only. */
  readonly background?: boolean;
  readonly role?: string;
  /** What it asks to have at any time. */
  readonly guarantee?: Resources;
}

/** A framework in virtual time. */
export type VirtualFramework = FrameworkFrame &
  (
    | {
        readonly kind: 'hadoop';
        readonly slot: Resources;
        readonly localityWaitMs: number;
        /** Length of a map that reads a remote block, over one that reads a local block. */
        readonly remoteSlowdown: number;
        /** Copies of slow tasks; default none. */
        readonly speculation?: Speculation;
        readonly jobs: (seed: number) => readonly MapReduceJob[];
      }
    | {
        readonly kind: 'mpi';
        readonly slot: Resources;
        /** Its queue server, where it is to be another than by default. */
        readonly torque?: TorqueManners;
        readonly jobs: (seed: number) => readonly RigidJob[];
      }
    | {
        readonly kind: 'spark';
        readonly slot: Resources;
        /** A Mesos task for each task (default), or a long one on each slave. */
        readonly mode?: 'fine' | 'coarse';
        readonly localityWaitMs: number;
        /** Length of a task that reads a remote block, over one that reads a local block. */
        readonly remoteSlowdown: number;
        /** What an executor holds beside its tasks, for cached partitions, and how many bytes of these fit. */
        readonly executorResources: Resources;
        readonly cacheBytes: number;
        readonly jobs: (seed: number) => readonly IterativeJob[];
      }
    /** Synthetic jobs that sleep, with manners of all kinds. On Mesos only. */
    | { readonly kind: 'load'; readonly load: Omit<LoadConfigInput, 'name' | 'seed' | 'executor'> }
  );

/** Does all that begins in a run also end in it? */
export function runsToItsEnd({ untilMs, frameworks }: VirtualScenario): boolean {
  return untilMs === undefined && !frameworks.some(({ background }) => background);
}

/** Names of the slaves, in order. */
export function hostnamesOf({ slaves }: Pick<VirtualScenario, 'slaves'>): readonly string[] {
  return Array.from({ length: slaves }, (_, n) => `node${String(n + 1).padStart(3, '0')}`);
}
