/** Things with ids that are unique in their framework. */
import type { FrameworkId } from '../protocol/entities.ts';
import { FewBy } from '../runtime/few.ts';
import { isList, type Packed, packed, unpacked } from '../runtime/packed.ts';

/** What knows whose it is. */
interface Owned {
  readonly frameworkId: FrameworkId;
}

/** A map by framework and id. Few frameworks use the same id on one slave, so that the id alone finds nearly everything. */
export class ByFramework<T extends Owned> {
  readonly #things = new FewBy<Packed<T>>();

  get(frameworkId: FrameworkId, id: string): T | undefined {
    const found = this.#things.get(id);
    if (found === undefined) return undefined;
    if (isList(found)) return found.find((each) => each.frameworkId === frameworkId);
    return found.frameworkId === frameworkId ? found : undefined;
  }

  /** Adds one that is not there. */
  add(id: string, thing: T): void {
    const others = this.#things.get(id);
    this.#things.set(id, others === undefined ? thing : packed(unpacked(others).concat([thing])));
  }

  delete(frameworkId: FrameworkId, id: string): void {
    const found = this.#things.get(id);
    if (found === undefined) return;
    const others = unpacked(found).filter((each) => each.frameworkId !== frameworkId);
    if (others.length === 0) this.#things.delete(id);
    else this.#things.set(id, packed(others));
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
      if (unpacked(found).some((each) => each.frameworkId === frameworkId)) return true;
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
