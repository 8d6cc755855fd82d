/** The actors of a process on the real clock. */
import type { Address } from './actor.ts';
import type { WireActor } from './wireActor.ts';

/** So many of those to which other processes write are found by name alone. In a process with more a text is made for each message instead. */
const ADDRESSEES_MAX = 1_000;

/** The actors that live. */
export class WireActors {
  readonly #actors = new Map<Address, WireActor>();
  /** By name, the first to which other processes have written. */
  readonly #addressees = new Map<string, WireActor>();

  at(address: Address): WireActor | undefined {
    return this.#actors.get(address);
  }

  /** The actor to which another process writes: it knows the names alone. `address` makes an address of a name. */
  addressee(name: string, address: (name: string) => Address): WireActor | undefined {
    const known = this.#addressees.get(name);
    if (known !== undefined) return known;
    const actor = this.#actors.get(address(name));
    if (actor !== undefined && this.#addressees.size < ADDRESSEES_MAX) this.#addressees.set(name, actor);
    return actor;
  }

  add(actor: WireActor): void {
    this.#actors.set(actor.self, actor);
  }

  delete({ self, name }: WireActor): void {
    this.#actors.delete(self);
    this.#addressees.delete(name);
  }

  /** Ends all. */
  stop(): void {
    for (const actor of this.#actors.values()) actor.stop();
    this.#actors.clear();
    this.#addressees.clear();
  }
}
