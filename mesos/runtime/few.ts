/** Sets and maps that mostly have an element or two, or none: there may be hundreds of thousands of them in a process. */

/** As many as are looked through one by one. */
const LINEAR_MAX = 4;

const NONE: readonly never[] = [];

/** Like a `Set`, for a fraction of its memory while there are few elements. */
export class Few<T extends object> {
  /** A list is as long as it must be and no longer. */
  #held: readonly T[] | Set<T> = NONE;

  get size(): number {
    return this.#held instanceof Set ? this.#held.size : this.#held.length;
  }

  has(element: T): boolean {
    return this.#held instanceof Set ? this.#held.has(element) : this.#held.includes(element);
  }

  add(element: T): void {
    if (this.#held instanceof Set) this.#held.add(element);
    else if (this.#held.includes(element)) return;
    else if (this.#held.length < LINEAR_MAX) this.#held = this.#held.concat([element]);
    else this.#held = new Set(this.#held).add(element);
  }

  delete(element: T): void {
    if (this.#held instanceof Set) {
      this.#held.delete(element);
      if (this.#held.size <= LINEAR_MAX / 2) this.#held = [...this.#held].slice();
      return;
    }
    const place = this.#held.indexOf(element);
    if (place >= 0) this.#held = this.#held.length === 1 ? NONE : this.#held.toSpliced(place, 1);
  }

  clear(): void {
    this.#held = NONE;
  }

  /** In the order in which they were added; what is added or deleted meanwhile may be seen or not. */
  [Symbol.iterator](): Iterator<T> {
    return this.#held[Symbol.iterator]();
  }
}

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
    else if (held.length < 2 * LINEAR_MAX) this.#held = held.concat([key, value]);
    else this.#held = new Map(this).set(key, value);
  }

  delete(key: string): boolean {
    const held = this.#held;
    if (held instanceof Map) {
      const isDeleted = held.delete(key);
      if (held.size <= LINEAR_MAX / 2) this.#held = [...held].flat().slice();
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
