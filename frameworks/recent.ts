/** What was read last: tasks are told, and tell, much that others were and did, and what comes again is not read again. */

/** The latest first. */
export class Recent<K, V> {
  readonly #max: number;
  readonly #entries: { readonly key: K; readonly value: V }[] = [];

  /** So many are remembered. */
  constructor(max: number) {
    this.#max = max;
  }

  /** What was read of the key that is meant, if it is remembered. Nobody may change it. */
  find(isMeant: (key: K) => boolean): V | undefined {
    const entries = this.#entries;
    for (let place = 0; place < entries.length; place++) {
      const entry = entries[place];
      if (entry === undefined || !isMeant(entry.key)) continue;
      for (let at = place; at > 0; at--) entries[at] = entries[at - 1] as typeof entry;
      entries[0] = entry;
      return entry.value;
    }
    return undefined;
  }

  /** Remembers one more, and forgets the one that was longest not asked for. */
  add(key: K, value: V): void {
    this.#entries.unshift({ key, value });
    if (this.#entries.length > this.#max) this.#entries.pop();
  }
}

/** A longer text is hardly that of another. */
const REMEMBERED_LENGTH_MAX = 1_000;

/** The same reader, but that it remembers so many short texts that it read last. Nobody may change what it gives. */
export function remembering<V>(
  max: number,
  read: (text: string) => V | undefined,
): (text: string) => V | undefined {
  const recent = new Recent<string, V>(max);
  return (text) => {
    const known = recent.find((one) => one === text);
    if (known !== undefined) return known;
    const value = read(text);
    if (value !== undefined && text.length <= REMEMBERED_LENGTH_MAX) recent.add(text, value);
    return value;
  };
}
