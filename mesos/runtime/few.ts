/** Sets and maps that mostly have an element or two, or none: there may be hundreds of thousands of them in a process. */

/** Like a `Set`, for a fraction of its memory while there is at most one element. */
export class Few<T extends object> {
  #held: T | Set<T> | undefined;

  get size(): number {
    if (this.#held === undefined) return 0;
    return this.#held instanceof Set ? this.#held.size : 1;
  }

  has(element: T): boolean {
    return this.#held instanceof Set ? this.#held.has(element) : this.#held === element;
  }

  add(element: T): void {
    if (this.#held instanceof Set) this.#held.add(element);
    else if (this.#held === undefined) this.#held = element;
    else if (this.#held !== element) this.#held = new Set([this.#held, element]);
  }

  delete(element: T): void {
    if (this.#held === element) this.#held = undefined;
    else if (this.#held instanceof Set && this.#held.delete(element) && this.#held.size === 1)
      for (const last of this.#held) this.#held = last;
  }

  clear(): void {
    this.#held = undefined;
  }

  /** In the order in which they were added. What is deleted meanwhile is left out, and what is added may be. */
  *[Symbol.iterator](): Generator<T> {
    if (this.#held instanceof Set) yield* this.#held;
    else if (this.#held !== undefined) yield this.#held;
  }
}

/** As many entries as are looked through one by one. */
const LINEAR_MAX = 4;

/** Like a `Map` with texts as keys, for a fraction of its memory while there are few entries. */
export class FewBy<V> {
  /** Key, value, key, value…; as long as it must be and no longer. */
  #held: readonly (string | V)[] | Map<string, V> = NONE;

  get size(): number {
    return this.#held instanceof Map ? this.#held.size : this.#held.length / 2;
  }

  get(key: string): V | undefined {
    const held = this.#held;
    if (held instanceof Map) return held.get(key);
    for (let at = 0; at < held.length; at += 2) if (held[at] === key) return held[at + 1] as V;
    return undefined;
  }

  has(key: string): boolean {
    return this.#held instanceof Map ? this.#held.has(key) : this.#placeOf(key, this.#held) >= 0;
  }

  set(key: string, value: V): void {
    const held = this.#held;
    if (held instanceof Map) return void held.set(key, value);
    const place = this.#placeOf(key, held);
    if (place >= 0) this.#held = held.with(place + 1, value);
    else if (held.length < 2 * LINEAR_MAX) this.#held = [...held, key, value];
    else this.#held = new Map(this).set(key, value);
  }

  delete(key: string): boolean {
    const held = this.#held;
    if (held instanceof Map) {
      const isDeleted = held.delete(key);
      if (held.size <= LINEAR_MAX / 2) this.#held = [...held].flat();
      return isDeleted;
    }
    const place = this.#placeOf(key, held);
    if (place < 0) return false;
    this.#held = held.length === 2 ? NONE : held.toSpliced(place, 2);
    return true;
  }

  clear(): void {
    this.#held = NONE;
  }

  /** In the order in which the keys came; what is set or deleted meanwhile may be seen or not. */
  *[Symbol.iterator](): Generator<[string, V]> {
    const held = this.#held;
    if (held instanceof Map) yield* held;
    else for (let at = 0; at < held.length; at += 2) yield [held[at] as string, held[at + 1] as V];
  }

  *keys(): Generator<string> {
    for (const [key] of this) yield key;
  }

  values(): Iterable<V> {
    const held = this.#held;
    return held instanceof Map ? held.values() : (held.filter((_, at) => at % 2 === 1) as V[]);
  }

  #placeOf(key: string, held: readonly (string | V)[]): number {
    for (let at = 0; at < held.length; at += 2) if (held[at] === key) return at;
    return -1;
  }
}

const NONE: readonly never[] = [];
