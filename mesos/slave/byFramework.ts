/** Things with ids that are unique in their framework. */
import type { FrameworkId } from '../protocol/entities.ts';
import { FewBy } from '../runtime/few.ts';

/** A map by framework and id, without making a key of both for each question. */
export class ByFramework<T> {
  readonly #things = new FewBy<FewBy<T>>();

  get(frameworkId: FrameworkId, id: string): T | undefined {
    return this.#things.get(frameworkId)?.get(id);
  }

  set(frameworkId: FrameworkId, id: string, thing: T): void {
    const own = this.#things.get(frameworkId);
    if (own !== undefined) return own.set(id, thing);
    const first = new FewBy<T>();
    first.set(id, thing);
    this.#things.set(frameworkId, first);
  }

  delete(frameworkId: FrameworkId, id: string): void {
    const own = this.#things.get(frameworkId);
    own?.delete(id);
    if (own?.size === 0) this.#things.delete(frameworkId);
  }

  /** Takes out all of a framework, and returns them. */
  take(frameworkId: FrameworkId): readonly T[] {
    const own = [...(this.#things.get(frameworkId)?.values() ?? [])];
    this.#things.delete(frameworkId);
    return own;
  }

  clear(): void {
    this.#things.clear();
  }

  /** Has this framework something? */
  hasAny(frameworkId: FrameworkId): boolean {
    return this.#things.get(frameworkId) !== undefined;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const own of this.#things.values()) yield* own.values();
  }
}
