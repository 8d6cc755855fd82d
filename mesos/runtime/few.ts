/** Sets and maps that mostly have an element or two, or none: there may be hundreds of thousands of them in a process. */

/** As many as are looked through one by one. */
const LINEAR_MAX = 4;

/** An element that came after others. */
interface Link<T> {
  readonly element: T;
  next: Link<T> | undefined;
}

/** Like a `Set`, for a fraction of its memory while there are few elements. */
export class Few<T extends object> {
  /** Undefined if there is none, or if all are in a set. The first is held here: mostly there is nothing more to look at. */
  #first: T | undefined = undefined;
  #rest: Link<T> | Set<T> | undefined = undefined;

  get size(): number {
    const rest = this.#rest;
    if (rest instanceof Set) return rest.size;
    let size = this.#first === undefined ? 0 : 1;
    for (let link = rest; link !== undefined; link = link.next) size++;
    return size;
  }

  has(element: T): boolean {
    const rest = this.#rest;
    if (rest instanceof Set) return rest.has(element);
    if (this.#first === element) return true;
    for (let link = rest; link !== undefined; link = link.next) if (link.element === element) return true;
    return false;
  }

  add(element: T): void {
    const rest = this.#rest;
    if (rest instanceof Set) rest.add(element);
    else if (this.#first === undefined) this.#first = element;
    else if (this.#first === element) return;
    else if (rest === undefined) this.#rest = { element, next: undefined };
    else if (!isAppended(element, rest)) {
      this.#rest = new Set(this).add(element);
      this.#first = undefined;
    }
  }

  delete(element: T): void {
    const rest = this.#rest;
    if (rest instanceof Set) {
      rest.delete(element);
      if (rest.size > LINEAR_MAX / 2) return;
      this.#rest = undefined;
      for (const left of rest) this.add(left);
    } else if (this.#first === element) {
      this.#first = rest?.element;
      this.#rest = rest?.next;
    } else if (rest?.element === element) this.#rest = rest.next;
    else
      for (let link = rest; link !== undefined; link = link.next)
        if (link.next?.element === element) link.next = link.next.next;
  }

  clear(): void {
    this.#first = undefined;
    this.#rest = undefined;
  }

  /** In the order in which they were added; what is added or deleted meanwhile may be seen or not. */
  [Symbol.iterator](): Iterator<T> {
    const rest = this.#rest;
    if (rest instanceof Set) return rest[Symbol.iterator]();
    const all: T[] = [];
    if (this.#first !== undefined) all.push(this.#first);
    for (let link = rest; link !== undefined; link = link.next) all.push(link.element);
    return all[Symbol.iterator]();
  }
}

/** Adds an element to others; false if they are too many. A function: methods of their own would cost each set eight bytes. */
function isAppended<T>(element: T, rest: Link<T>): boolean {
  let last = rest;
  let size = 2;
  while (last.element !== element && last.next !== undefined) {
    last = last.next;
    size++;
  }
  if (last.element === element) return true;
  if (size >= LINEAR_MAX) return false;
  last.next = { element, next: undefined };
  return true;
}

/** An entry that came after others. */
interface Entry<V> {
  readonly key: string;
  value: V;
  next: Entry<V> | undefined;
}

/** Like a `Map` with texts as keys, for a fraction of its memory while there are few entries. */
export class FewBy<V> {
  /** Undefined if there is none, or if all are in a map. The first is held here: mostly there is nothing more to look at. */
  #key: string | undefined = undefined;
  #value: V | undefined = undefined;
  #rest: Entry<V> | Map<string, V> | undefined = undefined;

  get size(): number {
    const rest = this.#rest;
    if (rest instanceof Map) return rest.size;
    let size = this.#key === undefined ? 0 : 1;
    for (let entry = rest; entry !== undefined; entry = entry.next) size++;
    return size;
  }

  get(key: string): V | undefined {
    if (this.#key !== undefined && this.#key === key) return this.#value;
    const rest = this.#rest;
    if (rest === undefined) return undefined;
    if (rest instanceof Map) return rest.get(key);
    return entryOf(key, rest)?.value;
  }

  has(key: string): boolean {
    if (this.#key !== undefined && this.#key === key) return true;
    const rest = this.#rest;
    return rest instanceof Map ? rest.has(key) : entryOf(key, rest) !== undefined;
  }

  set(key: string, value: V): void {
    const rest = this.#rest;
    if (rest instanceof Map) rest.set(key, value);
    else if (this.#key === undefined) {
      this.#key = key;
      this.#value = value;
    } else if (this.#key === key) this.#value = value;
    else if (rest === undefined) this.#rest = { key, value, next: undefined };
    else if (!isSet(key, value, rest)) {
      this.#rest = new Map(this).set(key, value);
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  delete(key: string): boolean {
    const rest = this.#rest;
    if (rest instanceof Map) {
      const isDeleted = rest.delete(key);
      if (rest.size > LINEAR_MAX / 2) return isDeleted;
      this.#rest = undefined;
      for (const [left, value] of rest) this.set(left, value);
      return isDeleted;
    }
    if (this.#key === undefined) return false;
    if (this.#key === key) {
      this.#key = rest?.key;
      this.#value = rest?.value;
      this.#rest = rest?.next;
      return true;
    }
    let before: Entry<V> | undefined;
    for (let entry = rest; entry !== undefined; entry = entry.next) {
      if (entry.key === key) {
        if (before === undefined) this.#rest = entry.next;
        else before.next = entry.next;
        return true;
      }
      before = entry;
    }
    return false;
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
    this.#rest = undefined;
  }

  /** In the order in which the keys came; what is set or deleted meanwhile may be seen or not. */
  [Symbol.iterator](): Iterator<[string, V]> {
    const rest = this.#rest;
    if (rest instanceof Map) return rest[Symbol.iterator]();
    const all: [string, V][] = [];
    if (this.#key !== undefined) all.push([this.#key, this.#value as V]);
    for (let entry = rest; entry !== undefined; entry = entry.next) all.push([entry.key, entry.value]);
    return all[Symbol.iterator]();
  }

  keys(): Iterable<string> {
    const rest = this.#rest;
    if (rest instanceof Map) return rest.keys();
    const all: string[] = [];
    if (this.#key !== undefined) all.push(this.#key);
    for (let entry = rest; entry !== undefined; entry = entry.next) all.push(entry.key);
    return all;
  }

  values(): Iterable<V> {
    const rest = this.#rest;
    if (rest instanceof Map) return rest.values();
    const all: V[] = [];
    if (this.#key !== undefined) all.push(this.#value as V);
    for (let entry = rest; entry !== undefined; entry = entry.next) all.push(entry.value);
    return all;
  }
}

/** The same of an entry, which may be there. */
function isSet<V>(key: string, value: V, rest: Entry<V>): boolean {
  let last = rest;
  let size = 2;
  while (last.key !== key && last.next !== undefined) {
    last = last.next;
    size++;
  }
  if (last.key === key) last.value = value;
  else if (size < LINEAR_MAX) last.next = { key, value, next: undefined };
  else return false;
  return true;
}

function entryOf<V>(key: string, first: Entry<V> | undefined): Entry<V> | undefined {
  for (let entry = first; entry !== undefined; entry = entry.next) if (entry.key === key) return entry;
  return undefined;
}
