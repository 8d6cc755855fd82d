/** A cluster of real processes on this machine, and its work, as data. */

import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { SolverJob, TextMix } from '../../workloads/small.ts';

/** The cluster and its work for real: processes on this machine. */
export interface RealScenario {
  readonly slaves: number;
  readonly slaveResources: Resources;
  readonly replication: number;
  readonly frameworks: readonly RealFramework[];
  /** Wall time after which a run that has not ended counts as failed. */
  readonly limitMs: number;
}

/** A framework for real. */
export type RealFramework =
  | {
      readonly kind: 'hadoop';
      readonly name: string;
      readonly partition: number;
      readonly slot: Resources;
      readonly localityWaitMs: number;
      readonly work: (seed: number) => TextMix;
    }
  | {
      readonly kind: 'mpi';
      readonly name: string;
      readonly partition: number;
      readonly slot: Resources;
      /** Its queue server, where it is to be another than by default. */
      readonly torque?: TorqueManners;
      readonly jobs: (seed: number) => readonly SolverJob[];
    };
