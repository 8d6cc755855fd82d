/** The slaves, and what is free on them: which supplies changed, and when to look at one again though nothing changes. */
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import type { Candidate } from '../protocol/filters.ts';
import {
  add,
  common,
  contains,
  cut,
  format,
  isEmpty,
  isEqual,
  NOTHING,
  type Resources,
  rounded,
  subtract,
  unreserved,
  visibleTo,
} from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import { EventQueue } from '../runtime/eventQueue.ts';
import type { Holding, Pool, SlaveDescription } from './allocation.ts';
import type { AllocationOptions } from './options.ts';
import { Refusals } from './refusals.ts';
import { Tally } from './tally.ts';

/** What one slave has in one pool; offered whole. */
export interface Supply extends Candidate {
  readonly slave: Slave;
  readonly slaveId: SlaveId;
  readonly pool: Pool;
  /** Reserved or not. */
  readonly total: Resources;
  readonly refusals: Refusals;
  /** Is some of it reserved for a role, or was it? */
  hasReservation: boolean;
  free: Resources;
  /** Who was given of it last, and whether it uses some of that; it has it still if nothing is free. */
  taker: FrameworkId | undefined;
  isUsed: boolean;
  /** When it is to be looked at again though nothing changes. */
  wakeMs: Millis | undefined;
}

interface Slave {
  /** Reserved or not. */
  readonly total: Resources;
  /** That for any task, then that for short ones if there is one. */
  readonly supplies: Supply[];
  isActive: boolean;
}

interface WakeUp {
  readonly order: number;
  readonly supply: Supply;
}

/** The supplies of all slaves. */
export class Supplies {
  readonly #reserve: Resources;
  readonly #slaves = new Map<SlaveId, Slave>();
  /** Something is free on them, and their slave is active. */
  readonly #available = new Set<Supply>();
  /** Those of the available ones on which something changed, in the order of the changes. */
  #changed = new Set<Supply>();
  readonly #wakeUps = new EventQueue<WakeUp>();
  #wakeUpsMade = 0;
  #hasReservation = false;
  /** What all slaves have, active or not, reserved or not. */
  readonly total = new Tally();
  /** The same of the pool for any task. */
  readonly totalForAny = new Tally();

  constructor({ shortTasks }: AllocationOptions) {
    this.#reserve = rounded(unreserved(shortTasks?.reserve ?? NOTHING));
  }

  /** Those on which something is free and may be offered. */
  get available(): ReadonlySet<Supply> {
    return this.#available;
  }

  /** As it counts for shares, quotas and guarantees: with what is reserved as if it were not. */
  bare(resources: Resources): Resources {
    return this.#hasReservation ? unreserved(resources) : resources;
  }

  add(id: SlaveId, { hostname, attributes, total }: SlaveDescription): void {
    const slave: Slave = { total: unreserved(total), supplies: [], isActive: true };
    const short = setAside(this.#reserve, total);
    const parts: Readonly<Record<Pool, Resources>> = { any: subtract(total, short), short };
    for (const pool of ['any', 'short'] as const) {
      if (pool === 'short' && isEmpty(short)) continue;
      // What is looked at for each offer comes first: it costs time to fetch it.
      slave.supplies.push({
        free: NOTHING,
        slave,
        refusals: new Refusals(),
        hasReservation: false,
        taker: undefined,
        isUsed: false,
        slaveId: id,
        pool,
        total: unreserved(parts[pool]),
        hostname,
        attributes,
        wakeMs: undefined,
      });
    }
    if (slave.total !== total) this.#noteReservation(slave);
    this.#slaves.set(id, slave);
    this.total.add(slave.total);
    for (const supply of slave.supplies) {
      if (supply.pool === 'any') this.totalForAny.add(supply.total);
      this.#setFree(supply, parts[supply.pool]);
    }
  }

  remove(id: SlaveId): void {
    const slave = this.#slaves.get(id);
    if (slave === undefined) return;
    for (const supply of slave.supplies) {
      this.#setFree(supply, NOTHING);
      if (supply.pool === 'any') this.totalForAny.subtract(supply.total);
    }
    this.#slaves.delete(id);
    this.total.subtract(slave.total);
  }

  setActive(id: SlaveId, active: boolean): void {
    const slave = this.#slaves.get(id);
    if (slave === undefined) return;
    slave.isActive = active;
    for (const supply of slave.supplies) this.#note(supply);
  }

  /** All slaves, also those that are added while this is read. */
  ids(): Iterable<SlaveId> {
    return this.#slaves.keys();
  }

  /** The supplies of a slave; none if it is unknown. */
  all(id: SlaveId): readonly Supply[] {
    return this.#slaves.get(id)?.supplies ?? [];
  }

  /** The supply for any task of a slave that is active. */
  active(id: SlaveId): Supply | undefined {
    const slave = this.#slaves.get(id);
    return slave?.isActive === true ? slave.supplies[0] : undefined;
  }

  /** The supply of a pool. What a slave has for short tasks, if it sets nothing aside for them, is for any. */
  of(id: SlaveId, pool: Pool): Supply | undefined {
    const supplies = this.#slaves.get(id)?.supplies;
    return supplies?.[pool === 'short' && supplies.length > 1 ? 1 : 0];
  }

  /** `part` of what is free on it is granted. The rest is no news: all may be asked again at once. */
  grant(supply: Supply, part: Resources, taker: FrameworkId): void {
    supply.taker = taker;
    supply.isUsed = false;
    if (part === supply.free) this.#setFree(supply, NOTHING);
    else supply.free = subtract(supply.free, part);
  }

  /** What was granted is in use. */
  use({ frameworkId, slaveId, pool, resources }: Holding): void {
    const supply = this.of(slaveId, pool);
    if (supply?.taker === frameworkId && !isEmpty(resources)) supply.isUsed = true;
  }

  /**
   * Some of what is free on a slave is in use. What its pool has not free is taken from the other one: an earlier master may
   * have drawn the line between them elsewhere.
   */
  take({ frameworkId, slaveId, pool, resources }: Holding): void {
    const supply = this.of(slaveId, pool);
    if (supply === undefined) return;
    const other = otherOf(supply);
    const fits = other === undefined ? resources : common(supply.free, resources);
    const rest = subtract(resources, fits);
    if (other !== undefined && !isEmpty(rest)) {
      this.#setFree(other, subtract(other.free, rest));
      // It will come back to the pool that it counts as.
      other.taker = undefined;
    }
    this.#setFree(supply, subtract(supply.free, fits));
    if (isEmpty(resources)) return;
    supply.taker = frameworkId;
    supply.isUsed = true;
  }

  /** Resources are free again. What does not fit into the supply had been taken from the other one. */
  giveBack(supply: Supply, resources: Resources): void {
    const free = supply.free === NOTHING ? resources : add(supply.free, resources);
    const other = otherOf(supply);
    if (other === undefined || contains(supply.total, this.bare(free))) return this.#setFree(supply, free);
    const fits = supply.hasReservation ? cut(free, supply.total) : common(supply.total, free);
    this.#setFree(supply, fits);
    this.#setFree(other, add(other.free, subtract(free, fits)));
  }

  /**
   * What is free of `from` is `to` from now on: the same resources, reserved for others or for nobody. Returns why not, if not
   * all of it is free; what is set aside for short tasks stays so.
   */
  convertFree(id: SlaveId, from: Resources, to: Resources): string | undefined {
    assertConvertible(from, to);
    const slave = this.#slaves.get(id);
    const supply = slave?.supplies[0];
    if (slave === undefined || supply === undefined || !contains(supply.free, from))
      return `${format(from)} of slave ${id} is not free`;
    this.#noteReservation(slave);
    this.#setFree(supply, add(subtract(supply.free, from), to));
    return undefined;
  }

  /** The same for what is offered. */
  convertHeld({ slaveId, resources }: Holding, to: Resources): void {
    assertConvertible(resources, to);
    const slave = this.#slaves.get(slaveId);
    if (slave !== undefined) this.#noteReservation(slave);
  }

  #noteReservation({ supplies }: Slave): void {
    this.#hasReservation = true;
    for (const supply of supplies) supply.hasReservation = true;
  }

  /** To be looked at again then, if not before. */
  wakeAt(supply: Supply, at: Millis): void {
    if (supply.wakeMs !== undefined && supply.wakeMs <= at) return;
    supply.wakeMs = at;
    this.#wakeUps.push({ order: this.#wakeUpsMade++, supply }, at);
  }

  /** The next time at which a supply is to be looked at again. */
  nextWakeMs(): Millis | undefined {
    for (let next = this.#wakeUps.peek(); next !== undefined; next = this.#wakeUps.peek()) {
      const at = this.#wakeUps.nextMs;
      if (next.supply.wakeMs === at && this.#available.has(next.supply)) return at;
      if (next.supply.wakeMs === at) next.supply.wakeMs = undefined;
      this.#wakeUps.pop();
    }
    return undefined;
  }

  /** Those that changed since the last time, or are to be looked at again. */
  takeChanged(nowMs: Millis): ReadonlySet<Supply> {
    for (let at = this.nextWakeMs(); at !== undefined && at <= nowMs; at = this.nextWakeMs()) {
      const { supply } = this.#wakeUps.pop() as WakeUp;
      supply.wakeMs = undefined;
      this.#changed.add(supply);
    }
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  #setFree(supply: Supply, free: Resources): void {
    supply.free = free;
    this.#note(supply);
  }

  #note(supply: Supply): void {
    if (supply.slave.isActive && !isEmpty(supply.free)) {
      this.#available.add(supply);
      this.#changed.add(supply);
    } else {
      this.#available.delete(supply);
      this.#changed.delete(supply);
    }
  }
}

/** Throws unless both are the same resources, reserved or not. */
function assertConvertible(from: Resources, to: Resources): void {
  if (!isEqual(unreserved(from), unreserved(to)))
    throw new RangeError(`${format(from)} cannot become ${format(to)}: that is more or less`);
}

/** What of it frameworks of the role may have. */
export function visibleOf({ free, hasReservation }: Supply, role: string): Resources {
  return hasReservation ? visibleTo(free, role) : free;
}

/** What a filter sees of the supply, if `free` of it would be offered, in which nothing is marked as reserved. */
export function candidateOf(supply: Supply, free: Resources): Candidate {
  if (free === supply.free) return supply;
  const { hostname, attributes } = supply;
  return { hostname, attributes, free };
}

/** The other supply of its slave, if there are two. */
function otherOf(supply: Supply): Supply | undefined {
  const { supplies } = supply.slave;
  return supplies.length < 2 ? undefined : supplies[supply.pool === 'any' ? 1 : 0];
}

/** What a slave sets aside for short tasks: the reserve, but at most half of each resource that is reserved for no role. */
function setAside(reserve: Resources, total: Resources): Resources {
  const half = Object.entries(total).map(([name, amount]) => [name, Math.floor(amount * 500) / 1000]);
  return common(reserve, Object.fromEntries(half));
}
