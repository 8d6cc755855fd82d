/** What a task's program counts. */

/** How many things a task may count. */
export const COUNTERS_MAX = 100;

/** Counters of one task, by name. */
export class Counters {
  readonly #values = new Map<string, number>();

  /** Adds to a counter. Throws a RangeError if the program makes up more names than a task may have. */
  readonly count = (name: string, by = 1): void => {
    const before = this.#values.get(name);
    if (before === undefined && this.#values.size === COUNTERS_MAX)
      throw new RangeError(`A task may have ${COUNTERS_MAX} counters; '${name}' is one more.`);
    this.#values.set(name, (before ?? 0) + by);
  };

  /** As a report has them; nothing if there are none. */
  report(): { readonly counters?: Readonly<Record<string, number>> } {
    return this.#values.size === 0 ? {} : { counters: Object.fromEntries(this.#values) };
  }
}
