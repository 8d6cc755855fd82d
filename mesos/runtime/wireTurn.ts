/** What a turn of the event loop leaves for its end. */
import type { Peer } from './link/peer.ts';
import type { Delivery } from './wireDelivery.ts';

/** Gathers it, and does all of it at once: what is for actors of this process, then what is for peers. */
export class WireTurn {
  readonly #deliver: (delivery: Delivery) => void;
  #deliveries: Delivery[] = [];
  readonly #unflushed = new Set<Peer>();
  #isEnding = false;

  constructor(deliver: (delivery: Delivery) => void) {
    this.#deliver = deliver;
  }

  /** For actors of this process. */
  leave(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    this.#endLater();
  }

  /** The peer has something to send. */
  flush(peer: Peer): void {
    this.#unflushed.add(peer);
    this.#endLater();
  }

  /** Nothing that was left for actors is delivered any more. */
  forget(): void {
    this.#deliveries = [];
  }

  #endLater(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    this.#isEnding = false;
    const deliveries = this.#deliveries;
    if (deliveries.length > 0) {
      this.#deliveries = [];
      for (const delivery of deliveries) this.#deliver(delivery);
    }
    for (const peer of this.#unflushed) {
      this.#unflushed.delete(peer);
      peer.flush();
    }
  };
}
