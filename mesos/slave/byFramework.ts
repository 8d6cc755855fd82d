/** Things with ids that are unique in their framework. */
import type { FrameworkId } from '../protocol/entities.ts';
import { FewBy } from '../runtime/few.ts';

/** What knows whose it is. */
interface Owned {
  readonly frameworkId: FrameworkId;
}

/** A map by framework and id. Few frameworks use the same id on one slave, so that the id alone finds nearly everything. */
export class ByFramework<T extends Owned> {
  readonly #things = new FewBy<T | readonly T[]>();

  get(frameworkId: FrameworkId, id: string): T | undefined {
    const found = this.#things.get(id);
    if (found === undefined) return undefined;
    if (isList(found)) return found.find((each) => each.frameworkId === frameworkId);
    return found.frameworkId === frameworkId ? found : undefined;
  }

  /** Adds one that is not there. */
  add(id: string, thing: T): void {
    const others = this.#things.get(id);
    this.#things.set(id, others === undefined ? thing : [...listOf(others), thing]);
  }

  delete(frameworkId: FrameworkId, id: string): void {
    const found = this.#things.get(id);
    if (found === undefined) return;
    const others = listOf(found).filter((each) => each.frameworkId !== frameworkId);
    const [first] = others;
    if (first === undefined) this.#things.delete(id);
    else this.#things.set(id, others.length === 1 ? first : others);
  }

  /** All of a framework. */
  of(frameworkId: FrameworkId): readonly T[] {
    return [...this].filter((each) => each.frameworkId === frameworkId);
  }

  clear(): void {
    this.#things.clear();
  }

  /** Has this framework something? */
  hasAny(frameworkId: FrameworkId): boolean {
    for (const found of this.#things.values())
      if (listOf(found).some((each) => each.frameworkId === frameworkId)) return true;
    return false;
  }

  /** What is added or deleted meanwhile may be seen or not. */
  [Symbol.iterator](): Iterator<T> {
    const all: T[] = [];
    for (const found of this.#things.values())
      if (isList(found)) all.push(...found);
      else all.push(found);
    return all[Symbol.iterator]();
  }
}

function isList<T extends Owned>(found: T | readonly T[]): found is readonly T[] {
  return Array.isArray(found);
}

function listOf<T extends Owned>(found: T | readonly T[]): readonly T[] {
  return isList(found) ? found : [found];
}
