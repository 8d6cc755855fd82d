/**
 * The master's offers: made as the allocation module says, and each ended exactly once (NSDI'11 §3.1, §3.5). The module is asked
 * for offers and revocations together, once, after all that happens at one moment.
 */
import type { Grant } from '../allocation/allocation.ts';
import type { OfferId } from '../protocol/entities.ts';
import { joinPorts, lowestPorts, PORTS, withoutPorts } from '../protocol/ports.ts';
import type { SchedulerEvent } from '../protocol/scheduler.ts';
import type { Millis, Timer } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { OfferEnd } from './reignObserver.ts';
import { revoke } from './revocation.ts';
import { type Framework, holdingOf, type Offer, type Slave } from './state.ts';

/** How long a refusal lasts that names no time (NSDI'11 has none; Mesos since its first release: 5 s). */
const REFUSE_SECONDS = 5;
/** The shortest refusal: a framework that refuses for 0 s must not be asked again in an endless loop. */
const REFUSAL_MIN_MS = 10;
/** A refusal of a year or more is for ever: it ends when the framework revives, or the slave has more free. */
const REFUSE_SECONDS_FOREVER = 31_536_000;

/** The offers that are open, and when the next ones are made. */
export class Offers {
  readonly #books: Books;
  #offersMade = 0;
  #nextAllocation: { readonly at: Millis; readonly timer: Timer; readonly isSoonest: boolean } | undefined;
  #lastAllocationMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Asks the allocation module what to offer, once, after what happens now has happened. */
  allocateSoon(): void {
    if (this.#nextAllocation?.isSoonest) return;
    const now = this.#books.context.now();
    this.#allocateAt(Math.max(now, this.#lastAllocationMs + this.#books.options.allocationIntervalMs), true);
  }

  /** `isSoonest`: there is no earlier time at which it may be. */
  #allocateAt(at: Millis, isSoonest = false): void {
    if (this.#nextAllocation !== undefined) {
      if (this.#nextAllocation.at <= at) return;
      this.#nextAllocation.timer.cancel();
    }
    const timer = this.#books.context.after(at - this.#books.context.now(), () => this.#allocate());
    this.#nextAllocation = { at, timer, isSoonest };
  }

  #allocate(): void {
    this.#nextAllocation = undefined;
    const { context, allocation, options, observer } = this.#books;
    const now = context.now();
    this.#lastAllocationMs = now;
    const offers = new Map<Framework, Offer[]>();
    const grants = allocation.allocate(now);
    observer?.allocated(context.now() - now);
    for (const grant of grants) {
      const offer = this.#offer(grant);
      const list = offers.get(offer.framework);
      if (list === undefined) offers.set(offer.framework, [offer]);
      else list.push(offer);
    }
    for (const [framework, list] of offers) this.#books.tell(framework, offersEvent(framework, list));
    revoke(this.#books);
    const wake = allocation.nextWakeMs();
    if (wake !== undefined) this.#allocateAt(Math.max(wake, now + options.allocationIntervalMs));
  }

  #offer(grant: Grant): Offer {
    const { context, options, info } = this.#books;
    const framework = this.#books.frameworks.get(grant.frameworkId);
    const slave = this.#books.slaves.get(grant.slaveId);
    if (framework === undefined || slave === undefined)
      throw new Error(
        `the allocation module granted ${grant.slaveId} to ${grant.frameworkId}; one is unknown`,
      );
    const id = `${info.id}-O${this.#offersMade++}`;
    const { offerTimeoutMs } = options;
    const timeout =
      offerTimeoutMs > 0
        ? context.after(offerTimeoutMs, () => this.rescind(offer, 'it was not answered in time'))
        : undefined;
    const { pool, resources, maxTaskDurationMs } = grant;
    const madeMs = context.now();
    const ports = lowestPorts(slave.freePorts, resources[PORTS] ?? 0);
    if (ports.length > 0) slave.freePorts = withoutPorts(slave.freePorts, ports);
    const unavailability = this.#books.unavailabilityOf(slave);
    const offer: Offer = {
      id,
      framework,
      slave,
      pool,
      resources,
      ports,
      maxTaskDurationMs,
      unavailability,
      madeMs,
      timeout,
    };
    framework.offers.set(id, offer);
    slave.offers.set(id, offer);
    this.#books.observer?.offerMade(offer);
    context.record({
      event: 'offer-sent',
      offerId: id,
      frameworkId: framework.id,
      slaveId: slave.id,
      resources,
    });
    return offer;
  }

  /** Takes an offer out of the books. Its resources are then the caller's to return or to use. */
  close(offer: Offer, end: OfferEnd): void {
    this.#books.observer?.offerEnded(offer, end);
    offer.timeout?.cancel();
    offer.framework.offers.delete(offer.id);
    offer.slave.offers.delete(offer.id);
    if (offer.ports.length > 0) offer.slave.freePorts = joinPorts(offer.slave.freePorts, offer.ports);
  }

  rescind(offer: Offer, reason: string): void {
    this.close(offer, 'rescinded');
    this.#books.allocation.returned(holdingOf(offer, offer.resources));
    this.#books.context.record({ event: 'offer-rescinded', offerId: offer.id, reason });
    this.#books.tell(offer.framework, { type: 'RESCIND', offerId: offer.id });
    this.allocateSoon();
  }

  rescindAll(offers: { values(): Iterable<Offer> }, reason: string): void {
    for (const offer of [...offers.values()]) this.rescind(offer, reason);
  }

  /**
   * When a refusal of so many seconds ends, if it begins now. It lasts no shorter than the answer took, within limits: if offers
   * of one slave were more often under way than not, what is free there could come back piece by piece for ever, and
   * never as a whole.
   */
  refusedUntil({ madeMs }: Offer, refuseSeconds: number | undefined): Millis {
    const seconds = refusalSeconds(refuseSeconds);
    if (seconds >= REFUSE_SECONDS_FOREVER) return Number.POSITIVE_INFINITY;
    const { context, options } = this.#books;
    const now = context.now();
    const answerMs = Math.min(now - madeMs, REFUSE_SECONDS * 1000);
    return now + Math.max(seconds * 1000, answerMs, options.allocationIntervalMs, REFUSAL_MIN_MS);
  }

  decline(framework: Framework, offerIds: readonly OfferId[], refuseSeconds: number | undefined): void {
    for (const id of offerIds) {
      const offer = framework.offers.get(id);
      if (offer === undefined) continue;
      this.close(offer, 'declined');
      const until = this.refusedUntil(offer, refuseSeconds);
      this.#books.allocation.returned(holdingOf(offer, offer.resources), until);
      this.#books.context.record({
        event: 'offer-declined',
        offerId: id,
        refuseSeconds: refusalSeconds(refuseSeconds),
      });
    }
    this.allocateSoon();
  }
}

/** How long a refusal lasts, in seconds: one that names no time, or less than none, lasts the default of 5 s. */
export function refusalSeconds(asked: number | undefined): number {
  return asked === undefined || asked < 0 ? REFUSE_SECONDS : asked;
}

/** All new offers of a framework in one event. */
function offersEvent(framework: Framework, offers: readonly Offer[]): SchedulerEvent {
  return {
    type: 'OFFERS',
    offers: offers.map(({ id, slave, resources, ports, maxTaskDurationMs, unavailability }) => ({
      id,
      frameworkId: framework.id,
      slaveId: slave.id,
      hostname: slave.info.hostname,
      resources,
      ...(ports.length > 0 && { ports }),
      attributes: slave.info.attributes,
      executorIds: executorIds(slave, framework),
      ...(maxTaskDurationMs !== undefined && { maxTaskDurationMs }),
      ...(unavailability !== undefined && { unavailability }),
    })),
  };
}

function executorIds(slave: Slave, framework: Framework): readonly string[] {
  return [...(slave.executors.get(framework.id)?.keys() ?? [])];
}
