/** What one simulation does, as data: a cluster, its frameworks with their jobs, and what goes wrong when. */
import type { HadoopConfig } from '../../frameworks/hadoop/job.ts';
import type { PolicyName } from '../../frameworks/torque/policy/policies.ts';
import type { PriorityOptions } from '../../mesos/allocation/priority.ts';
import type { MasterOptions } from '../../mesos/master/options.ts';
import type { SlaveFilter } from '../../mesos/protocol/filters.ts';
import type { HistoryEvent } from '../../mesos/protocol/history.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { NetworkModel } from '../../mesos/runtime/virtual.ts';
import type { CheckpointRecord } from '../../mesos/slave/checkpoint.ts';
import type { MapReduceJob, RigidJob } from '../../workloads/jobs.ts';

/** One simulation. */
export interface Plan {
  readonly network: NetworkModel;
  readonly masters: MastersPlan;
  readonly allocation: AllocationPlan;
  /** Until the faults end, so many of all messages arrive twice. */
  readonly duplication: number;
  /** The slaves of the master. */
  readonly slaves: readonly SlavePlan[];
  readonly frameworks: readonly FrameworkPlan[];
  readonly faults: readonly Fault[];
  /** No fault begins later, and what waits for an event is called off. */
  readonly faultsEndMs: Millis;
  /** What an operator does before the faults end. Then it takes back all that would keep the cluster from its work. */
  readonly orders: readonly Order[];
  readonly reservations: ReservationsPlan;
}

/** What is reserved before the faults end; the operator takes all of it back then. */
export interface ReservationsPlan {
  /** With it a framework reserves for its role what it launches a task on; those of the role `*` cannot. */
  readonly probability: number;
  /** What the operator reserves, or frees. */
  readonly orders: readonly Order[];
}

/** Something that an operator does. */
export interface Order {
  readonly atMs: Millis;
  /** Chooses whom it concerns. */
  readonly whom: number;
  readonly what: OrderKind;
}

/** What an operator does, to one of the slaves, frameworks or machines that the leader knows then. */
export type OrderKind =
  | { readonly kind: 'teardown' | 'mark-gone' | 'deactivate' | 'reactivate' }
  | { readonly kind: 'drain'; readonly maxGraceMs: Millis | undefined; readonly markGone: boolean }
  | { readonly kind: 'weigh'; readonly role: string; readonly weight: number }
  | { readonly kind: 'limit'; readonly role: string; readonly limits: Resources; readonly force: boolean }
  /** So many machines, and those that are down. */
  | { readonly kind: 'schedule'; readonly machines: number }
  | { readonly kind: 'reserve'; readonly resources: Resources }
  /** Whatever is reserved on a slave and not in use. */
  | { readonly kind: 'unreserve' }
  /** Takes a machine of the schedule down, or one that is down up. */
  | { readonly kind: 'down' | 'up' };

/** The allocation module of all masters. */
export interface AllocationPlan {
  readonly module: 'fair' | 'priority' | 'lottery';
  readonly options: PriorityOptions;
}

/** The masters. */
export interface MastersPlan {
  /** One, at an address that everybody knows; or several, of which an ensemble lets one lead. */
  readonly count: number;
  /** Of the ensemble. */
  readonly sessionTimeoutMs: Millis;
  /** Options that differ from run to run. */
  readonly options: Pick<
    MasterOptions,
    'allocationIntervalMs' | 'offerTimeoutMs' | 'reregisterTimeoutMs' | 'slaveRemovalIntervalMs'
  >;
}

/** A machine with a slave. */
export interface SlavePlan {
  readonly hostname: string;
  readonly resources: Resources;
  /** Whether it may stay down for good when it crashes. */
  readonly mortal: boolean;
  /** Whether its executors outlive its process. */
  readonly checkpoint: boolean;
  readonly executors: ExecutorsPlan;
}

/** How executors behave on a slave. */
export interface ExecutorsPlan {
  /** How long they take to start. */
  readonly startMs: Millis;
  /** Probability that one never starts. */
  readonly hanging: number;
  /** Whether they do not end by themselves when they are told to, and have to be killed. */
  readonly lingering: boolean;
}

/** A framework; when its scheduler crashes, others may take its place. */
export interface FrameworkPlan {
  readonly name: string;
  readonly startMs: Millis;
  readonly role: string;
  readonly filters: readonly SlaveFilter[];
  readonly back: BackPlan;
  /** Each message takes its scheduler up to this long. */
  readonly slowMs: Millis;
  /** How long it refuses offers, instead of what it would choose. */
  readonly refuseSeconds: number | undefined;
  readonly work: WorkPlan;
  /** Jobs of those that take its place, in order. */
  readonly successors: readonly WorkPlan[];
}

/** What a framework runs on. */
export type BackPlan =
  | { readonly on: 'mesos'; readonly failoverTimeoutS: number }
  | { readonly on: 'standalone'; readonly slaves: readonly SlavePlan[] };

/** A rigid job, and what its queue server is told of it. */
export interface QueuedJob extends RigidJob {
  readonly priority: number;
  readonly wallTimeMs: Millis | undefined;
  /** So long after the start of the server, if the job is waiting then. */
  readonly order:
    | { readonly what: 'hold'; readonly atMs: Millis; readonly forMs: Millis }
    | { readonly what: 'delete'; readonly atMs: Millis }
    | undefined;
}

/** What a framework does. */
export type WorkPlan =
  | {
      readonly kind: 'hadoop';
      readonly slot: Resources;
      readonly executor: Resources;
      readonly localityWaitMs: Millis;
      /** On how many slaves each block is. */
      readonly replication: number;
      /** Every so manyth block is on no slave at all. */
      readonly farBlocks: number | undefined;
      readonly policies: HadoopPolicies;
      readonly jobs: readonly MapReduceJob[];
    }
  | {
      readonly kind: 'mpi';
      /** Its jobs outlive it, if it is killed: the server that comes after it has them too. */
      readonly keepsJobs: boolean;
      readonly slot: Resources;
      readonly queue: PolicyName;
      readonly hoardTimeoutMs: Millis;
      readonly slotsMax: number | undefined;
      readonly jobs: readonly QueuedJob[];
    };

/** How a Hadoop instance goes about its jobs. */
export interface HadoopPolicies
  extends Pick<HadoopConfig, 'speculation' | 'scheduling' | 'failuresPerNodeMax'> {
  /** Attempts that take longer for reasons of their own. */
  readonly straggling: { readonly probability: number; readonly slowdown: number } | undefined;
  /** Pools that the jobs are in, by turns. */
  readonly pools: readonly string[];
}

/** Something that goes wrong. */
export interface Fault {
  readonly when: FaultTime;
  readonly what: FaultKind;
}

/** When it goes wrong: at a time, or some time after the nth event of a kind, and then to the one of that event. */
export type FaultTime =
  | { readonly atMs: Millis /** Chooses whom it hits. */; readonly whom: number }
  | { readonly after: FaultEvent; readonly nth: number; readonly delayMs: Millis };

/** Events that name a slave or a framework, the election of a master, and what a slave puts into its checkpoint. */
export type FaultEvent =
  | 'master-elected'
  | `checkpoint ${CheckpointRecord['kind']}`
  | Extract<HistoryEvent, { readonly slaveId: string } | { readonly frameworkId: string }>['event'];

/** What goes wrong. */
export type FaultKind =
  /**
   * The slave's process is gone, after having taken leave or without; a new one comes after `downMs`, or never. Its executors
   * are gone with it, unless it keeps a checkpoint and the machine is not started anew.
   */
  | {
      readonly kind: 'slave-crash';
      readonly takesLeave: boolean;
      readonly reboots: boolean;
      readonly downMs: Millis | undefined;
    }
  /** One executor on a slave is killed, chosen by `which` from those that live there. */
  | { readonly kind: 'executor-crash'; readonly which: number }
  /** A scheduler's process is gone; another one takes its place after `downMs`, or none does. */
  | { readonly kind: 'scheduler-crash'; readonly downMs: Millis | undefined }
  /** Another scheduler takes the framework over while the first is alive. */
  | { readonly kind: 'scheduler-superseded' }
  /** A master's process is gone, after having withdrawn or without, and comes back. */
  | {
      readonly kind: 'master-crash';
      readonly whom: 'leader' | 'any';
      readonly takesLeave: boolean;
      readonly downMs: Millis;
    }
  /** The ensemble is gone, and comes back. */
  | { readonly kind: 'ensemble-crash'; readonly downMs: Millis }
  /** Packets vanish for a time. */
  | { readonly kind: 'partition'; readonly between: Sides; readonly forMs: Millis }
  | { readonly kind: 'link-break'; readonly between: Sides }
  /** Packets take longer for a time. */
  | { readonly kind: 'slow-link'; readonly between: Sides; readonly extraMs: Millis; readonly forMs: Millis }
  /** A process stands still for a time. */
  | { readonly kind: 'pause'; readonly whom: (typeof STOPPABLE)[number]; readonly forMs: Millis };

/** Between whom links fail. */
export const SIDES = [
  'leader and ensemble',
  'leader and slaves',
  'leader and half of the slaves',
  'leader and all',
  'slave and leader',
  'slave and all',
  'scheduler and leader',
  'scheduler and all',
  'ensemble and all',
] as const;
/** One of {@link SIDES}. */
export type Sides = (typeof SIDES)[number];

/** Who may stand still. */
export const STOPPABLE = ['leader', 'slave', 'scheduler', 'ensemble'] as const;
