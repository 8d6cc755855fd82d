/**
 * What is free on a framework's own slaves, shown to its scheduler as offers that nobody else gets. What it refuses is not shown
 * again for a while, as under a master.
 */
import type { Address, Clock, Millis, Timer } from '../../mesos/driver/actor.ts';
import type {
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  Offer,
  OfferId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskInfo,
} from '../../mesos/protocol/entities.ts';
import { type Predicate, predicateOf, type SlaveFilter } from '../../mesos/protocol/filters.ts';
import { add, contains, isEmpty, NOTHING, type Resources } from '../../mesos/protocol/resources.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';

/** A slave of the framework. */
export interface Slave {
  readonly id: SlaveId;
  /** Counts the slaves in the order in which they came. */
  readonly number: number;
  readonly info: SlaveInfo;
  readonly address: Address;
  free: Resources;
  readonly executors: Map<ExecutorId, ExecutorInfo>;
  readonly tasks: Map<TaskId, Task>;
  /** What the scheduler has been shown and has not replied to. */
  shown: { readonly offerId: OfferId; readonly resources: Resources } | undefined;
  /** The scheduler does not want to see this much of it, for now. */
  refused: { readonly resources: Resources; readonly end: Timer } | undefined;
}

/** A task on such a slave. */
export interface Task {
  readonly info: TaskInfo;
  readonly slave: Slave;
  state: TaskState;
  lastUuid: string | undefined;
}

/** As the master's default. */
const REFUSE_SECONDS = 5;
/** A scheduler that refuses for 0 s must not be shown the same again in an endless loop. */
const REFUSAL_MIN_MS = 10;

/** What a shelf needs. */
export interface ShelfOptions {
  readonly clock: Clock;
  readonly frameworkId: FrameworkId;
  readonly slaves: ReadonlyMap<SlaveId, Slave>;
  /** Shows the scheduler offers; called later than what led to it. */
  readonly show: (offers: readonly Offer[]) => void;
}

/** The shelf; closed until it is opened. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #shown = new Map<OfferId, Slave>();
  /** Slaves of which there may be something new to show. */
  readonly #changed = new Set<Slave>();
  #isOpen = false;
  #needsOffers = true;
  #filters: readonly Predicate[] = [];
  #showing: Timer | undefined;
  #offersMade = 0;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  open(): void {
    this.#isOpen = true;
    this.#showSoon();
  }

  close(): void {
    this.#isOpen = false;
  }

  setFilters(filters: readonly SlaveFilter[]): void {
    this.#filters = filters.map(predicateOf);
    for (const slave of this.#options.slaves.values()) this.#changed.add(slave);
    this.#showSoon();
  }

  setNeedsOffers(needed: boolean): void {
    this.#needsOffers = needed;
    if (!needed) return;
    for (const slave of this.#options.slaves.values()) {
      if (slave.refused === undefined) continue;
      slave.refused.end.cancel();
      slave.refused = undefined;
      this.#changed.add(slave);
    }
    this.#showSoon();
  }

  /** Something on the slave is free. */
  free(slave: Slave, resources: Resources): void {
    slave.free = add(slave.free, resources);
    this.#changed.add(slave);
    this.#showSoon();
  }

  /** Takes the slave from the shelf; returns the offer that was open, if there was one. */
  remove(slave: Slave): OfferId | undefined {
    slave.refused?.end.cancel();
    this.#changed.delete(slave);
    const offerId = slave.shown?.offerId;
    if (offerId !== undefined) this.#shown.delete(offerId);
    return offerId;
  }

  /** Ends the offer that is replied to: its slave, and what was on it. Undefined if the reply names none, or several. */
  take(offerIds: readonly OfferId[]): { readonly slave: Slave; readonly resources: Resources } | undefined {
    const slave = this.#shown.get(offerIds[0] ?? '');
    if (slave?.shown === undefined || offerIds.length !== 1) return undefined;
    const { offerId, resources } = slave.shown;
    this.#shown.delete(offerId);
    slave.shown = undefined;
    return { slave, resources };
  }

  /** Puts back what is left of an offer; the scheduler does not want to see it for so long. */
  putBack(slave: Slave, left: Resources, refuseSeconds: number | undefined): void {
    // What came to be free since the offer was made has not been seen.
    if (!isEmpty(slave.free)) this.#showSoon();
    this.#changed.add(slave);
    slave.free = add(slave.free, left);
    if (!isEmpty(left)) this.#refuse(slave, left, refuseSeconds);
  }

  #refuse(slave: Slave, resources: Resources, refuseSeconds: number | undefined): void {
    const seconds = refuseSeconds === undefined || refuseSeconds < 0 ? REFUSE_SECONDS : refuseSeconds;
    const delay: Millis = Math.max(seconds * 1000, REFUSAL_MIN_MS);
    slave.refused?.end.cancel();
    const end = this.#options.clock.after(delay, () => {
      slave.refused = undefined;
      this.#changed.add(slave);
      this.#showSoon();
    });
    slave.refused = { resources, end };
  }

  #showSoon(): void {
    if (this.#isOpen) this.#showing ??= this.#options.clock.after(0, () => this.#show());
  }

  /** Shows the scheduler what is free and new to it. */
  #show(): void {
    this.#showing = undefined;
    if (!this.#isOpen || !this.#needsOffers) return;
    const { frameworkId, slaves, show } = this.#options;
    const offers: Offer[] = [];
    const changed = [...this.#changed].sort((a, b) => a.number - b.number);
    this.#changed.clear();
    for (const slave of changed) {
      // What comes to be free on one that is gone is nobody's.
      if (!slaves.has(slave.id) || !this.#isNews(slave)) continue;
      const { free, info } = slave;
      const id = `${frameworkId}-O${this.#offersMade++}`;
      slave.shown = { offerId: id, resources: free };
      this.#shown.set(id, slave);
      slave.free = NOTHING;
      offers.push({
        id,
        frameworkId,
        slaveId: slave.id,
        hostname: info.hostname,
        resources: free,
        attributes: info.attributes,
        executorIds: [...slave.executors.keys()],
      });
    }
    if (offers.length > 0) show(offers);
  }

  #isNews({ free, info, refused, shown }: Slave): boolean {
    if (isEmpty(free) || shown !== undefined) return false;
    if (refused !== undefined && contains(refused.resources, free)) return false;
    const { hostname, attributes } = info;
    return this.#filters.every((passes) => passes({ hostname, attributes, free }));
  }
}
