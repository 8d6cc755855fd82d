/** Makes things go wrong as planned. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { Fault, FaultEvent, FaultKind } from './plan.ts';

/** Whom a fault hits: named by an event, or chosen by a number. */
export type Victim =
  | { readonly by: 'number'; readonly number: number }
  | { readonly by: 'event'; readonly line: HistoryLine }
  /** A machine. */
  | { readonly by: 'hostname'; readonly hostname: string };

/** Faults that wait for their time. Tell it what happens. */
export class Faults {
  readonly #cluster: VirtualCluster;
  readonly #endMs: number;
  readonly #inject: (what: FaultKind, victim: Victim) => void;
  #waiting: { readonly fault: Fault; readonly after: string; readonly delayMs: number; left: number }[] = [];

  /** Schedules faults; none is injected after `endMs`. */
  constructor(
    cluster: VirtualCluster,
    faults: readonly Fault[],
    endMs: number,
    inject: (what: FaultKind, victim: Victim) => void,
  ) {
    this.#cluster = cluster;
    this.#endMs = endMs;
    this.#inject = inject;
    for (const fault of faults) {
      const { when, what } = fault;
      if ('atMs' in when) cluster.at(when.atMs, () => inject(what, { by: 'number', number: when.whom }));
      else this.#waiting.push({ fault, after: when.after, delayMs: when.delayMs, left: when.nth });
    }
  }

  observe(line: HistoryLine): void {
    this.happened(line.event as FaultEvent, { by: 'event', line });
  }

  happened(event: FaultEvent, victim: Victim): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting) {
      if (waiting.after !== event || --waiting.left > 0) continue;
      const atMs = this.#cluster.now + waiting.delayMs;
      if (atMs <= this.#endMs) this.#cluster.at(atMs, () => this.#inject(waiting.fault.what, victim));
    }
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
  }
}
