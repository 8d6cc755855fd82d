/** Hosts that have lost a slave, and with it what was copied to them. */
import type { Millis } from '../mesos/driver/actor.ts';

/** When each was last lost. */
export class LostHosts {
  readonly #lostMs = new Map<string, Millis>();

  /** A slave on the host is lost. */
  lost(host: string, nowMs: Millis): void {
    this.#lostMs.set(host, nowMs);
  }

  /** Whether a host has been there ever since. */
  isThereSince(host: string, sinceMs: Millis): boolean {
    return (this.#lostMs.get(host) ?? Number.NEGATIVE_INFINITY) < sinceMs;
  }
}
