/** A cluster of real processes, and its work, as data. */

import type { LoadConfigInput } from '../../frameworks/load/config.ts';
import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { FactoringJob, SolverJob, TextMix } from '../../workloads/small.ts';

/** What machines processes run on, unless the user names others. Local ones are folders of this machine, and processes of it. */
export type MachinesWanted = { readonly kind: 'local' };

/** The cluster and its work for real. */
export interface RealScenario {
  /** Default: local ones. */
  readonly machines?: MachinesWanted;
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** Replicas of each block. */
  readonly replication: number;
  readonly frameworks: readonly RealFramework[];
  /** Wall time after which a run that has not ended counts as failed. */
  readonly limitMs: number;
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
