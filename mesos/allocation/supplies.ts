/** The slaves, and what is free on them: which supplies changed, and when to look at one again though nothing changes. */
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import type { Candidate } from '../protocol/filters.ts';
import {
  add,
  common,
  contains,
  isEmpty,
  NOTHING,
  type Resources,
  rounded,
  subtract,
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
  readonly total: Resources;
  readonly refusals: Refusals;
  free: Resources;
  /** Who was given of it last, and whether it uses some of that; it has it still if nothing is free. */
  taker: FrameworkId | undefined;
  isUsed: boolean;
  /** When it is to be looked at again though nothing changes. */
  wakeMs: Millis | undefined;
}

interface Slave {
  readonly total: Resources;
  /** That for any task, then that for short ones if there is one. */
  readonly supplies: Supply[];
  isActive: boolean;
}

interface WakeUp {
  readonly at: Millis;
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
  /** What all slaves have, active or not. */
  readonly total = new Tally();
  /** The same of the pool for any task. */
  readonly totalForAny = new Tally();

  constructor({ shortTasks }: AllocationOptions) {
    this.#reserve = rounded(shortTasks?.reserve ?? NOTHING);
  }

  /** Those on which something is free and may be offered. */
  get available(): ReadonlySet<Supply> {
    return this.#available;
  }

  add(id: SlaveId, { hostname, attributes, total }: SlaveDescription): void {
    const slave: Slave = { total, supplies: [], isActive: true };
    const short = reserved(this.#reserve, total);
    const parts: Readonly<Record<Pool, Resources>> = { any: subtract(total, short), short };
    for (const pool of ['any', 'short'] as const) {
      if (pool === 'short' && isEmpty(short)) continue;
      const own = { slave, slaveId: id, hostname, attributes, pool, total: parts[pool] };
      slave.supplies.push({
        ...own,
        refusals: new Refusals(),
        free: NOTHING,
        taker: undefined,
        isUsed: false,
        wakeMs: undefined,
      });
    }
    this.#slaves.set(id, slave);
    this.total.add(total);
    this.totalForAny.add(parts.any);
    for (const supply of slave.supplies) this.#setFree(supply, supply.total);
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
    const [any, short] = this.#slaves.get(id)?.supplies ?? [];
    return pool === 'short' && short !== undefined ? short : any;
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
    if (other === undefined || contains(supply.total, free)) return this.#setFree(supply, free);
    const fits = common(supply.total, free);
    this.#setFree(supply, fits);
    this.#setFree(other, add(other.free, subtract(free, fits)));
  }

  /** To be looked at again then, if not before. */
  wakeAt(supply: Supply, at: Millis): void {
    if (supply.wakeMs !== undefined && supply.wakeMs <= at) return;
    supply.wakeMs = at;
    this.#wakeUps.push({ at, order: this.#wakeUpsMade++, supply });
  }

  /** The next time at which a supply is to be looked at again. */
  nextWakeMs(): Millis | undefined {
    for (let next = this.#wakeUps.peek(); next !== undefined; next = this.#wakeUps.peek()) {
      if (next.supply.wakeMs === next.at && this.#available.has(next.supply)) return next.at;
      if (next.supply.wakeMs === next.at) next.supply.wakeMs = undefined;
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

/** What a filter sees of the supply, if so much of it would be offered. */
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

/** What a slave sets aside: the reserve, but at most half of each resource that it has. */
function reserved(reserve: Resources, total: Resources): Resources {
  const half = Object.entries(total).map(([name, amount]) => [name, Math.floor(amount * 500) / 1000]);
  return common(reserve, Object.fromEntries(half));
}
