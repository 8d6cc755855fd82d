/**
 * Who is at fault when a task cannot fetch what another has written: the node that holds it, or its own, which may not be able to
 * fetch anything. As in Hadoop, what one node says of another is no proof: a holder is at fault if two could not fetch from it.
 *
 * Of two nodes only one can say it of the other. There nothing speaks against the holder as long as tasks can run on the holder
 * itself, and fetch all that they need: it is at fault if it cannot fetch from the reader either, or if a task has found no other place
 * and says it again.
 */
import type { Clock, Millis } from '../mesos/driver/actor.ts';

/** So many must say it of a holder. */
const READERS = 2;
/** How long it counts what was said. */
const COUNTS_MS = 600_000;
/** How long a node that is at fault is left alone, if nobody finds that it is not. */
const LEFT_ALONE_MS = 60_000;

/** A task on one host could not fetch something from another. */
export interface FetchFailure {
  readonly reader: string;
  readonly holder: string;
  /** Tells the task, whichever its attempt, from all others of the framework. */
  readonly task: string;
  /** The holder itself said that it is not there. */
  readonly isGone?: boolean | undefined;
}

/** Who is at fault; `reader-again`: the reader, as before when the task ran there. */
export type Fault = 'reader' | 'reader-again' | 'holder';

/** What one reader has said of one holder. */
interface Complaint {
  /** When it last did. */
  readonly ms: Millis;
  readonly tasks: Set<string>;
}

/** What is known of such failures, by hostname. */
export class FetchFailures {
  readonly #clock: Pick<Clock, 'now'>;
  /** Of each holder: by reader. */
  readonly #complaints = new Map<string, Map<string, Complaint>>();
  /** When holders were last at fault. */
  readonly #atFaultMs = new Map<string, Millis>();
  readonly #leftAloneUntil = new Map<string, Millis>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /**
   * Says who is at fault. `hosts`: those that have slaves. A reader is to try again elsewhere, and that is a failure of its task, but
   * of each node only once: that a node still can fetch nothing tells nothing of the task. Of a holder, what was written is to be made
   * again.
   */
  judge({ reader, holder, task, isGone }: FetchFailure, hosts: Iterable<string>): Fault {
    const others = new Set(hosts);
    if (isGone || reader === holder || !others.delete(holder)) return 'holder';
    const now = this.#clock.now();
    const complaints = this.#complaintsOf(holder);
    const { tasks } = complaints.get(reader) ?? { tasks: new Set() };
    const isBelieved =
      others.size < READERS
        ? !this.#wasAtFault(reader) && (tasks.has(task) || this.#complaintsOf(reader).has(holder))
        : complaints.size + (complaints.has(reader) ? 0 : 1) >= READERS;
    const isAgain = [...this.#complaints.values()].some((by) => by.get(reader)?.tasks.has(task));
    complaints.set(reader, { ms: now, tasks: tasks.add(task) });
    if (!isBelieved) {
      this.#leftAloneUntil.set(reader, now + LEFT_ALONE_MS);
      return isAgain ? 'reader-again' : 'reader';
    }
    // They were right.
    for (const host of complaints.keys()) this.#leftAloneUntil.delete(host);
    this.#atFaultMs.set(holder, now);
    this.#leftAloneUntil.set(holder, now + LEFT_ALONE_MS);
    return 'holder';
  }

  /** For how long nothing is to be run on a host; 0 if it is not at fault. */
  leftAloneMs(host: string): Millis {
    return Math.max(0, (this.#leftAloneUntil.get(host) ?? 0) - this.#clock.now());
  }

  #complaintsOf(holder: string): Map<string, Complaint> {
    const complaints = this.#complaints.get(holder) ?? new Map<string, Complaint>();
    this.#complaints.set(holder, complaints);
    for (const [reader, { ms }] of complaints) if (!this.#counts(ms)) complaints.delete(reader);
    return complaints;
  }

  /** What comes from it then is believed no more: else two nodes that cannot fetch from each other would make all again by turns. */
  #wasAtFault(host: string): boolean {
    const ms = this.#atFaultMs.get(host);
    return ms !== undefined && this.#counts(ms);
  }

  #counts(ms: Millis): boolean {
    return ms > this.#clock.now() - COUNTS_MS;
  }
}
