/**
 * The quota of a role: what its frameworks may hold together, offers included. An offer that would exceed it is cut to what is
 * left; a supply that is held back for want of room is offered again as soon as there is more.
 */
import { contains, cut, isEmpty, type Resources, round, unreserved } from '../protocol/resources.ts';
import type { Supply } from './supplies.ts';
import { Tally } from './tally.ts';

/** A framework, as far as it counts against a quota. */
export interface Member {
  readonly role: string;
  /** That of its role, if there is one. */
  quota: Quota | undefined;
  readonly offered: Tally;
  readonly used: Tally;
}

/** The quota of one role. */
export class Quota {
  readonly role: string;
  /** What it does not name is unlimited. */
  readonly limit: Resources;
  readonly members = new Set<Member>();
  /** What they hold together, reserved or not. It may be more than the limit, if it was so when the limit was set. */
  readonly held = new Tally();
  /** Supplies that a member was not offered, or not whole, and the room that there was. */
  readonly #heldBack = new Map<Supply, Resources>();
  #room: Resources | undefined;

  constructor(role: string, limit: Resources) {
    this.role = role;
    this.limit = Object.fromEntries(
      Object.entries(unreserved(limit)).map(([name, most]) => [name, round(most)]),
    );
  }

  /** How much more the members may hold of all that is limited. */
  get room(): Resources {
    this.#room ??= Object.fromEntries(
      Object.entries(this.limit).map(([name, most]) => [name, Math.max(0, round(most - this.held.of(name)))]),
    );
    return this.#room;
  }

  /** Is there a supply that is offered when there is more room? */
  get holdsBack(): boolean {
    return this.#heldBack.size > 0;
  }

  join(framework: Member): void {
    this.members.add(framework);
    for (const tally of [framework.used, framework.offered]) this.add(tally.resources());
  }

  /** It is no member any more: it has given back all that it held, or the quota is replaced. */
  leave(framework: Member): void {
    this.members.delete(framework);
    if (this.members.size === 0) this.#heldBack.clear();
  }

  add(resources: Resources): void {
    this.held.add(resources);
    this.#room = undefined;
  }

  subtract(resources: Resources): void {
    this.held.subtract(resources);
    this.#room = undefined;
  }

  /** As much of what is free as there is room for: `free` itself if that is all. */
  cut(free: Resources): Resources {
    return cut(free, this.room, Number.POSITIVE_INFINITY);
  }

  /** A member was asked, and did not take it or not whole. */
  holdBack(supply: Supply): void {
    this.#heldBack.set(supply, this.room);
  }

  /** Nothing is to be said of the supply any more. */
  forget(supply: Supply): void {
    this.#heldBack.delete(supply);
  }

  /** Those for which there is more room now than when a member was last asked, as long as there is any. */
  *roomier(): Iterable<Supply> {
    for (const [supply, before] of this.#heldBack) {
      if (isEmpty(this.room)) return;
      if (contains(before, this.room)) continue;
      this.#heldBack.delete(supply);
      yield supply;
    }
  }
}

/** The quotas of all roles that have one. */
export class Quotas {
  readonly #byRole = new Map<string, Quota>();
  /** There is more room than before, and something was held back for want of it. */
  #roomier = new Set<Quota>();

  /** The role of these frameworks has this limit from now on, or none, in place of what it had. */
  set(role: string, limit: Resources | undefined, frameworks: Iterable<Member>): void {
    if (limit === undefined) this.#byRole.delete(role);
    else this.#byRole.set(role, new Quota(role, limit));
    for (const framework of frameworks) {
      framework.quota?.leave(framework);
      this.join(framework);
    }
  }

  /** The framework counts against the quota of its role, if there is one. */
  join(framework: Member): void {
    framework.quota = this.#byRole.get(framework.role);
    framework.quota?.join(framework);
  }

  /** A member of the quota has given back so much. */
  giveRoom(quota: Quota, resources: Resources): void {
    quota.subtract(resources);
    if (quota.holdsBack) this.#roomier.add(quota);
  }

  /** The supply is gone. */
  forget(supply: Supply): void {
    for (const quota of this.#byRole.values()) quota.forget(supply);
  }

  /** Supplies to ask about again, since there is more room than the last time; read it while they are asked about. */
  *takeRoomier(): Iterable<Supply> {
    if (this.#roomier.size === 0) return;
    const roomier = this.#roomier;
    this.#roomier = new Set();
    for (const quota of roomier) yield* quota.roomier();
  }
}
