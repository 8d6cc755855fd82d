/** What a slave can be told, and its defaults. */
import type { Detector } from '../election/election.ts';
import type { Isolation } from '../isolation/isolation.ts';
import type { Attributes, CommandInfo, SlaveId } from '../protocol/entities.ts';
import type { PortRanges } from '../protocol/ports.ts';
import type { Resources } from '../protocol/resources.ts';
import type { RunTask } from '../protocol/slave.ts';
import type { Address, Millis } from '../runtime/actor.ts';
import type { SlaveCheckpoint } from './checkpoint.ts';
import type { SlaveWindow } from './window.ts';

/** Options of a slave. */
export interface SlaveOptions extends Partial<SlaveTimes> {
  /** The one master there is, or who finds the one that leads. */
  readonly master: Address | Detector;
  /** Default: the name of its actor. */
  readonly hostname?: string;
  readonly resources: Resources;
  /** Those that the resource `ports` counts. */
  readonly ports?: PortRanges;
  readonly attributes: Attributes;
  readonly isolation: Isolation;
  /** The program that runs the command of a task that has one; absent: such tasks fail. */
  readonly commandExecutor?: CommandInfo;
  /** Where the slave keeps what a later process of it needs; absent: executors end with its process. */
  readonly checkpoint?: SlaveCheckpoint;
  /** As whom the executor of a container must have authenticated; default: anybody may be it. */
  readonly executorPrincipal?: (containerId: string) => string;
  /** Returns the same order, made of what other slaves in this process were told, as far as that was the same; default: it stays as it came. */
  readonly shared?: (order: RunTask, id: SlaveId) => RunTask;
  /** How often to record what executors use; default never. */
  readonly usageIntervalMs?: Millis;
  /** Is told whenever a master has registered the slave. */
  readonly registered?: (id: SlaveId) => void;
  /** Is given a look into the slave, when it starts; only then does it remember what has ended. */
  readonly opened?: (window: SlaveWindow) => void;
  /** Aborts when the slave is to end: it takes leave of its master, and its executors end. */
  readonly stopping?: AbortSignal;
}

/** The times by which a slave gives things up. */
export interface SlaveTimes {
  /** How long an executor may take from its start until it has subscribed; default 60 s, as in Mesos. */
  readonly executorRegistrationTimeoutMs: Millis;
  /** How long an executor may take to subscribe again after its slave came back; default 2 s, as in Mesos. */
  readonly executorReregistrationTimeoutMs: Millis;
  /**
   * Before a slave asks a master that it has found, it waits for a random time up to this, so that the slaves of a cluster do not
   * all ask at once; each further wait may be twice as long, up to 5 s. Default 100 ms; in Mesos 1 s
   * (--registration_backoff_factor).
   */
  readonly registrationBackoffMs: Millis;
  /** How long executors live without their slave, if it keeps a checkpoint; default 15 min, as in Mesos. */
  readonly recoveryTimeoutMs: Millis;
  /** How long an executor may take to end when it is told to; default 5 s, as in Mesos. */
  readonly executorShutdownGraceMs: Millis;
  /** How long a task may take to end when its time is over; default: as long as an executor. */
  readonly completionGraceMs: Millis;
  /** A registered slave that is not pinged for so long registers again, unless its master tells another time; default 75 s, as in Mesos. */
  readonly masterSilenceMaxMs: Millis;
}

/** A slave's options with every time set. */
export type SlaveSettings = SlaveOptions & SlaveTimes;

/** Fills in the defaults. */
export function settle(options: SlaveOptions): SlaveSettings {
  const executorShutdownGraceMs = options.executorShutdownGraceMs ?? 5_000;
  return {
    executorRegistrationTimeoutMs: 60_000,
    executorReregistrationTimeoutMs: 2_000,
    registrationBackoffMs: 100,
    recoveryTimeoutMs: 900_000,
    completionGraceMs: executorShutdownGraceMs,
    masterSilenceMaxMs: 75_000,
    ...options,
    executorShutdownGraceMs,
  };
}
