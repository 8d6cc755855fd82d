/** The master's offers: made as the allocation module says, and each ended exactly once (NSDI'11 §3.1, §3.5). */
import type { OfferId } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { Millis, Timer } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { Framework, Offer, Slave } from './state.ts';

/** How long a refusal lasts that names no time (NSDI'11 has none; Mesos since its first release: 5 s). */
const REFUSE_SECONDS = 5;
/** The shortest refusal: a framework that refuses for 0 s must not be asked again in an endless loop. */
const REFUSAL_MIN_MS = 10;
/** Mesos's limit on refusals: a year. */
const REFUSE_SECONDS_MAX = 31_536_000;

/** The offers that are open, and when the next ones are made. */
export class Offers {
  readonly #books: Books;
  readonly #offers = new Map<OfferId, Offer>();
  #offersMade = 0;
  #nextAllocation: { readonly at: Millis; readonly timer: Timer } | undefined;
  #lastAllocationMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Asks the allocation module what to offer, once, after what happens now has happened. */
  allocateSoon(): void {
    const now = this.#books.context.now();
    this.#allocateAt(Math.max(now, this.#lastAllocationMs + this.#books.options.allocationIntervalMs));
  }

  #allocateAt(at: Millis): void {
    if (this.#nextAllocation !== undefined) {
      if (this.#nextAllocation.at <= at) return;
      this.#nextAllocation.timer.cancel();
    }
    const timer = this.#books.context.after(at - this.#books.context.now(), () => this.#allocate());
    this.#nextAllocation = { at, timer };
  }

  #allocate(): void {
    this.#nextAllocation = undefined;
    const now = this.#books.context.now();
    this.#lastAllocationMs = now;
    const offers = new Map<Framework, Offer[]>();
    for (const grant of this.#books.allocation.allocate(now)) {
      const framework = this.#books.frameworks.get(grant.frameworkId);
      const slave = this.#books.slaves.get(grant.slaveId);
      if (framework === undefined || slave === undefined)
        throw new Error(
          `the allocation module granted ${grant.slaveId} to ${grant.frameworkId}; one is unknown`,
        );
      const offer = this.#offer(framework, slave, grant.resources);
      const list = offers.get(framework);
      if (list === undefined) offers.set(framework, [offer]);
      else list.push(offer);
    }
    for (const [framework, list] of offers)
      this.#books.tell(framework.address, {
        type: 'OFFERS',
        offers: list.map(({ id, slave, resources }) => ({
          id,
          frameworkId: framework.id,
          slaveId: slave.id,
          hostname: slave.info.hostname,
          resources,
          attributes: slave.info.attributes,
          executorIds: [...(slave.executors.get(framework.id)?.keys() ?? [])],
        })),
      });
    const expiry = this.#books.allocation.nextExpiryMs();
    if (expiry !== undefined)
      this.#allocateAt(Math.max(expiry, now + this.#books.options.allocationIntervalMs));
  }

  #offer(framework: Framework, slave: Slave, resources: Resources): Offer {
    const id = `${this.#books.info.id}-O${this.#offersMade++}`;
    const { offerTimeoutMs } = this.#books.options;
    const timeout =
      offerTimeoutMs > 0
        ? this.#books.context.after(offerTimeoutMs, () => this.rescind(offer, 'it was not answered in time'))
        : undefined;
    const offer: Offer = { id, framework, slave, resources, timeout };
    this.#offers.set(id, offer);
    framework.offers.set(id, offer);
    slave.offers.set(id, offer);
    this.#books.context.record({
      event: 'offer-sent',
      offerId: id,
      frameworkId: framework.id,
      slaveId: slave.id,
      resources,
    });
    return offer;
  }

  /** Takes an offer out of the books. Its resources are then the caller's to release or to use. */
  close(offer: Offer): void {
    offer.timeout?.cancel();
    this.#offers.delete(offer.id);
    offer.framework.offers.delete(offer.id);
    offer.slave.offers.delete(offer.id);
  }

  rescind(offer: Offer, reason: string): void {
    this.close(offer);
    this.#books.allocation.release(offer.framework.id, offer.slave.id, offer.resources);
    this.#books.context.record({ event: 'offer-rescinded', offerId: offer.id, reason });
    if (offer.framework.state.is === 'connected')
      this.#books.tell(offer.framework.address, { type: 'RESCIND', offerId: offer.id });
    this.allocateSoon();
  }

  rescindAll(offers: ReadonlyMap<OfferId, Offer>, reason: string): void {
    for (const offer of [...offers.values()]) this.rescind(offer, reason);
  }

  refusedUntil(refuseSeconds: number | undefined): Millis {
    const seconds = refuseSeconds === undefined || refuseSeconds < 0 ? REFUSE_SECONDS : refuseSeconds;
    const refusalMs = Math.min(seconds, REFUSE_SECONDS_MAX) * 1000;
    return (
      this.#books.context.now() +
      Math.max(refusalMs, this.#books.options.allocationIntervalMs, REFUSAL_MIN_MS)
    );
  }

  decline(framework: Framework, offerIds: readonly OfferId[], refuseSeconds: number | undefined): void {
    const until = this.refusedUntil(refuseSeconds);
    for (const id of offerIds) {
      const offer = framework.offers.get(id);
      if (offer === undefined) continue;
      this.close(offer);
      this.#books.allocation.release(framework.id, offer.slave.id, offer.resources, until);
      this.#books.context.record({
        event: 'offer-declined',
        offerId: id,
        refuseSeconds: refuseSeconds ?? REFUSE_SECONDS,
      });
    }
    this.allocateSoon();
  }
}
