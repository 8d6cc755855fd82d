/** What is known of many things that are numbered, e.g. all tasks of a history. */

/** A value for each number: 8 bytes, if it is one that others have too. */
export class Column<T> {
  readonly #values: (T | undefined)[] = [];

  /** Undefined if there is none. */
  get(number: number): T | undefined {
    return number < this.#values.length ? this.#values[number] : undefined;
  }

  /** Numbers may come in any order. */
  set(number: number, value: T): void {
    // Without holes, however far it is ahead.
    while (this.#values.length < number) this.#values.push(undefined);
    this.#values[number] = value;
  }
}
