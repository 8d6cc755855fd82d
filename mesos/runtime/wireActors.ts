/** The actors of a process on the real clock. */
import type { Address } from './actor.ts';
import type { WireActor } from './wireActor.ts';

/** The actors that live. */
export class WireActors {
  readonly #actors = new Map<Address, WireActor>();
  /** By name, those to which other processes have written: few of those that a process may have. */
  readonly #addressees = new Map<string, WireActor>();

  at(address: Address): WireActor | undefined {
    return this.#actors.get(address);
  }

  /** The actor to which another process writes: it knows the names alone. `address` makes an address of a name. */
  addressee(name: string, address: (name: string) => Address): WireActor | undefined {
    const known = this.#addressees.get(name);
    if (known !== undefined) return known;
    const actor = this.#actors.get(address(name));
    if (actor !== undefined) this.#addressees.set(name, actor);
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
