/**
 * Who is at fault when a task cannot fetch what another has written: the node that holds it, or its own, which may not be able to
 * fetch anything. As in Hadoop, what one node says of another is no proof: a holder is at fault if two could not fetch from it.
 */
import type { Clock, Millis } from '../mesos/driver/actor.ts';

/** So many must say it of a holder; in a cluster with fewer others, all of them. */
const READERS = 2;
/** How long it counts what was said. */
const COUNTS_MS = 600_000;
/** How long a node that is at fault is left alone, if nobody finds that it is not. */
const LEFT_ALONE_MS = 60_000;

/** A task on one host could not fetch something from another. */
export interface FetchFailure {
  readonly reader: string;
  readonly holder: string;
  /** The holder itself said that it is not there. */
  readonly isGone?: boolean | undefined;
}

/** What is known of such failures, by hostname. */
export class FetchFailures {
  readonly #clock: Pick<Clock, 'now'>;
  /** Of each holder: when readers last failed. */
  readonly #failedMs = new Map<string, Map<string, Millis>>();
  readonly #leftAloneUntil = new Map<string, Millis>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /**
   * Says who is at fault. `hosts`: those that have slaves. A reader is to try again elsewhere, and that is a failure of its task; of
   * a holder, what was written is to be made again.
   */
  judge({ reader, holder, isGone }: FetchFailure, hosts: Iterable<string>): 'reader' | 'holder' {
    const others = new Set(hosts);
    if (isGone || reader === holder || !others.delete(holder)) return 'holder';
    const now = this.#clock.now();
    const readers = this.#failedMs.get(holder) ?? new Map<string, Millis>();
    this.#failedMs.set(holder, readers.set(reader, now));
    for (const [host, ms] of readers) if (ms <= now - COUNTS_MS) readers.delete(host);
    const fault = readers.size < Math.min(READERS, others.size) ? 'reader' : 'holder';
    // They were right.
    if (fault === 'holder') for (const host of readers.keys()) this.#leftAloneUntil.delete(host);
    this.#leftAloneUntil.set(fault === 'holder' ? holder : reader, now + LEFT_ALONE_MS);
    return fault;
  }

  /** For how long nothing is to be run on a host; 0 if it is not at fault. */
  leftAloneMs(host: string): Millis {
    return Math.max(0, (this.#leftAloneUntil.get(host) ?? 0) - this.#clock.now());
  }
}
