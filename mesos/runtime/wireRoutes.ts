/** Where messages for other processes go: routes are worked out once for an address, not for each message. */
import type { Address } from './actor.ts';
import type { Peer } from './link/peer.ts';

/** Where a message goes. */
export interface Route {
  /** Of the actor. */
  readonly name: string;
  readonly to: Peer;
}

/** Routes that are remembered; past that, all are worked out anew. */
const ROUTES_MAX = 200_000;

/** The routes that are remembered. */
export class WireRoutes {
  readonly #routes = new Map<Address, Route>();
  /** Addresses that have routes to a peer: one that leaves must not cost the others theirs. */
  readonly #routedTo = new Map<Peer, Address[]>();

  get(address: Address): Route | undefined {
    return this.#routes.get(address);
  }

  /** Remembers the route to an address that has none. */
  add(address: Address, route: Route): void {
    if (this.#routes.size >= ROUTES_MAX) {
      this.#routes.clear();
      this.#routedTo.clear();
    }
    this.#routes.set(address, route);
    const routed = this.#routedTo.get(route.to);
    if (routed === undefined) this.#routedTo.set(route.to, [address]);
    else routed.push(address);
  }

  /** Forgets all routes to a peer. */
  forget(peer: Peer): void {
    for (const address of this.#routedTo.get(peer) ?? []) this.#routes.delete(address);
    this.#routedTo.delete(peer);
  }
}
