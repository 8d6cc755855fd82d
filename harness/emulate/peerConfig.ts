/** What each process of an emulation is told, as JSON in a file, and what it says on its standard output. */
import type { Vitals } from '../../infra/vitals.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { WireStats } from '../../mesos/runtime/wireStats.ts';
import type { Distribution } from '../../workloads/distribution.ts';

/** What a process is for. */
export type PeerRole = MasterPeer | HostPeer | FrameworksPeer | ProbesPeer;

/** What a process is told. */
export interface PeerConfig {
  readonly secretFile: string;
  readonly role: PeerRole;
}

/** A master, alone or in an election. */
export interface MasterPeer {
  readonly kind: 'master';
  /** `zk://…` or `file:///…`; absent: it leads. */
  readonly election?: string;
  readonly sessionTimeoutMs?: Millis;
  readonly marks: readonly Mark[];
  /** File for its history; absent: what happens is only counted. */
  readonly history?: string;
}

/** Something that is told at once when it has happened for so many times in this process. */
export interface Mark {
  /** As in {@link Counts}. */
  readonly event: string;
  readonly count: number;
}

/** Slaves, each an actor; their executors are actors beside them. */
export interface HostPeer {
  readonly kind: 'host';
  /** `HOST:PORT` of the master, or the election. */
  readonly masters: string;
  /** Number of the first slave, and how many there are. */
  readonly first: number;
  readonly slaves: number;
  readonly resources: Resources;
  /** They start one after the other, all within this time. */
  readonly spreadMs: Millis;
}

/** Frameworks that launch for ever, one task on each offer. */
export interface FrameworksPeer {
  readonly kind: 'frameworks';
  readonly masters: string;
  readonly first: number;
  readonly frameworks: number;
  readonly task: { readonly ms: Distribution; readonly resources: Resources };
  readonly seed: number;
}

/** Frameworks that come one after the other, or at a rate, each with one task. */
export interface ProbesPeer {
  readonly kind: 'probes';
  readonly masters: string;
  readonly probes: number;
  readonly task: { readonly ms: Millis; readonly resources: Resources };
  /** `after`: each starts so long after the end of the one before. `every`: at this interval, whatever became of it. */
  readonly gap: { readonly is: 'after' | 'every'; readonly ms: Millis };
  /** One that has not ended after this long has failed. */
  readonly limitMs: Millis;
}

/** How often events were recorded in a process, by name; a task's update by name and state: `task-updated/TASK_RUNNING`. */
export type Counts = Readonly<Record<string, number>>;

/** What a process says when it is asked. */
export interface PeerReport extends Vitals {
  readonly wire: WireStats;
  readonly counts: Counts;
}

/** What became of a probe. Times in milliseconds from its intended start. */
export type ProbeReport =
  | {
      readonly outcome: 'finished';
      /** Of the intended start, since the epoch. */
      readonly startMs: Millis;
      /** The process of the probes came to it. */
      readonly begunMs: Millis;
      /** It had a link to the master, both ends of which had proved to know the secret. */
      readonly linkedMs: Millis;
      readonly registeredMs: Millis;
      readonly offeredMs: Millis;
      readonly runningMs: Millis;
      readonly finishedMs: Millis;
      /** The whole time less that of the task. */
      readonly delayMs: Millis;
    }
  | { readonly outcome: 'failed'; readonly startMs: Millis; readonly reason: string };

/** A mark that was reached. */
export interface MarkReport extends Mark {
  /** Since the epoch. */
  readonly atMs: Millis;
}

/** Beginnings of the lines; JSON follows. */
export const LINES = { report: 'report', probe: 'probe', mark: 'mark' } as const;
