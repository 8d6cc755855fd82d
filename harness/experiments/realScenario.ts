/** A cluster of real processes, and its work, as data. */

import type { Node } from '../../frameworks/files/block.ts';
import type { LoadConfigInput } from '../../frameworks/load/config.ts';
import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { PlannedFault } from '../../infra/faults/plan.ts';
import type { SmallDisks } from '../../infra/faults/smallDisk.ts';
import type { Rates } from '../../infra/rates.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { FactoringJob, SolverJob, TextMix } from '../../workloads/small.ts';

/** What machines processes run on, unless the user names others. */
export type MachinesWanted = (
  | /** Folders of this machine, and processes of it. */
  { readonly kind: 'local' }
  /** Network namespaces of this machine, each with an address of its own; for who cannot have them local ones, if that will do. */
  | ({ readonly kind: 'netns'; readonly otherwise?: 'local' } & Rates)
) & {
  /** Machines whose work folders are on small disks, in memory, which a fault can fill. Takes root. */
  readonly smallDisks?: SmallDisks;
};

/** The cluster and its work for real. */
export interface RealScenario {
  /** Default: local ones. */
  readonly machines?: MachinesWanted;
  readonly slaves: number;
  readonly slaveResources: Resources;
  /**
   * Several masters that elect their leader through ZooKeeper, each master and each server on a machine of its own (`master1`,
   * `zookeeper1` and so on, with processes of the same names); `master1` leads first. On Mesos only. Default: one, on the head.
   */
  readonly masters?: RealMasters;
  /** Replicas of each block. */
  readonly replication: number;
  /** Where a framework's blocks are on static partitions: on its own partition (default), or anywhere. On Mesos they are anywhere. */
  readonly blocksOn?: 'partition' | 'cluster';
  /** The file servers beside the slaves, where they are to be others than by default. */
  readonly fileServers?: FileServers;
  readonly frameworks: readonly RealFramework[];
  /**
   * What is broken when, counted from when all has been started. Machines are `head` (schedulers, and the master if there is one
   * only), `node1` to `nodeN`, and those of `masters`.
   */
  readonly faults?: readonly PlannedFault[];
  /** Wall time after which a run that has not ended counts as failed. */
  readonly limitMs: number;
}

/** Masters of which one leads, and by whom they elect it. */
export interface RealMasters {
  readonly count: number;
  /** Servers; default 3. */
  readonly zookeepers?: 1 | 3 | 5;
  /** After how long without a sign of life ZooKeeper gives a master up; default 10 s. */
  readonly sessionTimeoutMs?: number;
  /** ZooKeeper's unit of time, at multiples of which sessions end; default a fifth of the time-out. */
  readonly tickMs?: number;
}

/** File servers, all alike. Several on one address cannot have the same port. */
export interface FileServers {
  /** Default: any free one. */
  readonly port?: number;
  /** How tasks read blocks of their own node; default: as files. */
  readonly ownReads?: Node['ownReads'];
}

/** What all frameworks have. */
interface FrameworkFrame {
  /** In the history. */
  readonly name: string;
  /** Slaves of its static partition. */
  readonly partition: number;
}

/** A framework for real. */
export type RealFramework = FrameworkFrame &
  (
    | {
        readonly kind: 'hadoop';
        readonly slot: Resources;
        readonly localityWaitMs: number;
        readonly work: (seed: number) => TextMix;
      }
    | {
        readonly kind: 'mpi';
        readonly slot: Resources;
        /** Its queue server, where it is to be another than by default. */
        readonly torque?: TorqueManners;
        readonly jobs: (seed: number) => readonly SolverJob[];
      }
    /** One application of alternating least squares; its jobs are the steps of its iterations. */
    | {
        readonly kind: 'spark';
        readonly slot: Resources;
        readonly localityWaitMs: number;
        /** What an executor holds beside its tasks, for cached partitions. */
        readonly executorResources: Resources;
        readonly work: (seed: number) => FactoringJob;
      }
    /** Synthetic jobs that sleep. On Mesos only. */
    | { readonly kind: 'load'; readonly load: Omit<LoadConfigInput, 'name' | 'seed' | 'executor'> }
  );
