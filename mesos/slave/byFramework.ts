/** Things with ids that are unique in their framework. */
import type { FrameworkId } from '../protocol/entities.ts';
import { isList, type Packed, packed, unpacked, withOne, without } from '../runtime/packed.ts';

/** What knows whose it is, and what it is called there. */
export interface Owned {
  readonly frameworkId: FrameworkId;
  readonly id: string;
}

/** As many are looked through one by one. */
const LINEAR_MAX = 8;

/** The things. There may be tens of thousands of slaves in a process, each with two or three. */
export class ByFramework<T extends Owned> {
  /** More than a few are found by their ids: few frameworks use the same id on one slave. */
  #things: Packed<T> | Map<string, Packed<T>> = packed<T>();

  get(frameworkId: FrameworkId, id: string): T | undefined {
    const found = this.#things instanceof Map ? this.#things.get(id) : this.#things;
    if (found === undefined) return undefined;
    if (isList(found)) return found.find((each) => each.id === id && each.frameworkId === frameworkId);
    return found.id === id && found.frameworkId === frameworkId ? found : undefined;
  }

  /** Adds one that is not there. */
  add(thing: T): void {
    if (this.#things instanceof Map) addTo(this.#things, thing);
    else {
      this.#things = withOne(this.#things, thing);
      const list = unpacked(this.#things);
      if (list.length <= LINEAR_MAX) return;
      this.#things = new Map();
      for (const each of list) addTo(this.#things, each);
    }
  }

  delete(thing: T): void {
    if (!(this.#things instanceof Map)) {
      this.#things = without(this.#things, thing);
      return;
    }
    const others = without(this.#things.get(thing.id) ?? packed<T>(), thing);
    if (unpacked(others).length > 0) this.#things.set(thing.id, others);
    else this.#things.delete(thing.id);
    if (this.#things.size === 0) this.#things = packed<T>();
  }

  /** All of a framework. */
  of(frameworkId: FrameworkId): readonly T[] {
    return [...this].filter((each) => each.frameworkId === frameworkId);
  }

  clear(): void {
    this.#things = packed<T>();
  }

  /** Has this framework something? */
  hasAny(frameworkId: FrameworkId): boolean {
    for (const each of this) if (each.frameworkId === frameworkId) return true;
    return false;
  }

  /** What is added or deleted meanwhile is seen or not. */
  [Symbol.iterator](): Iterator<T> {
    const things = this.#things;
    const all = things instanceof Map ? [...things.values()].flatMap(unpacked<T>) : unpacked(things);
    return all[Symbol.iterator]();
  }
}

function addTo<T extends Owned>(things: Map<string, Packed<T>>, thing: T): void {
  things.set(thing.id, withOne(things.get(thing.id) ?? packed<T>(), thing));
}
