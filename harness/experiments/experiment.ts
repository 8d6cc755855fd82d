/** What an experiment is: one value that says what is asked, on what cluster, with which frameworks and which work. */

import type { Speculation } from '../../frameworks/hadoop/speculation.ts';
import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { PaperClaim } from '../../reports/paper/claims.ts';
import type { IterativeJob } from '../../workloads/iterative.ts';
import type { MapReduceJob, RigidJob } from '../../workloads/jobs.ts';
import type { SolverJob, TextMix } from '../../workloads/small.ts';
import type { System } from '../result.ts';

/** An experiment. Code in `run/` interprets it. */
export interface Experiment {
  readonly id: string;
  readonly title: string;
  /** What is asked, in one sentence. */
  readonly question: string;
  /** What the paper did, and where it says so. */
  readonly paper: string;
  readonly systems: readonly System[];
  /** What the paper says, to be held against the runs in virtual time. */
  readonly claims: readonly PaperClaim[];
  readonly virtual: VirtualScenario;
  readonly real: RealScenario;
  /** What a reader must know before believing the numbers. */
  readonly caveats: readonly string[];
}

/** The cluster and its work in virtual time. */
export interface VirtualScenario {
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** Replicas of each block of a framework's input. */
  readonly replication: number;
  /** Where they are: on slaves that the framework may use (default), or on any of the cluster, also if it has a part of it. */
  readonly blocksOn?: 'partition' | 'cluster';
  /** How often the master makes offers of what is free; default 0: at once. */
  readonly allocationIntervalMs?: number;
  /** Speeds of the first slaves, where they are not 1: the usual. */
  readonly speeds?: readonly number[];
  readonly frameworks: readonly VirtualFramework[];
  /** Virtual time after which a run that has not ended counts as failed. */
  readonly limitMs: number;
}

/** A framework in virtual time. */
export type VirtualFramework =
  | {
      readonly kind: 'hadoop';
      readonly name: string;
      /** Slaves of its static partition. */
      readonly partition: number;
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
      readonly name: string;
      readonly partition: number;
      readonly slot: Resources;
      /** Its queue server, where it is to be another than by default. */
      readonly torque?: TorqueManners;
      readonly jobs: (seed: number) => readonly RigidJob[];
    }
  | {
      readonly kind: 'spark';
      readonly name: string;
      readonly partition: number;
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
    };

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
