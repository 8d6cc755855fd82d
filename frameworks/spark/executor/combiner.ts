/** How the values of one key become one: folded, listed, or listed by side for a join. */

/** Makes one value of many; `C` is what is held meanwhile. May change what it holds. */
export interface Combiner<C = unknown> {
  /** What is held grows with each value. */
  readonly isGrowing: boolean;
  /** `side`: of a join, which dataset the value is of. */
  create(value: unknown, side: number): C;
  add(held: C, value: unknown, side: number): C;
  /** Joins what was held of one key in two places; the first came first. */
  merge(first: C, second: C): C;
}

/** Folds values by an associative function. */
export function folding(fold: (a: unknown, b: unknown) => unknown): Combiner {
  return { isGrowing: false, create: (value) => value, add: fold, merge: fold };
}

/** Lists all values in the order in which they came. */
export const listing: Combiner<unknown[]> = {
  isGrowing: true,
  create: (value) => [value],
  add: (held, value) => {
    held.push(value);
    return held;
  },
  merge: append,
};

/** Lists the values of both sides. */
export const siding: Combiner<readonly [unknown[], unknown[]]> = {
  isGrowing: true,
  create: (value, side) => (side === 0 ? [[value], []] : [[], [value]]),
  add: (held, value, side) => {
    held[side === 0 ? 0 : 1].push(value);
    return held;
  },
  merge: (first, second) => {
    append(first[0], second[0]);
    append(first[1], second[1]);
    return first;
  },
};

function append(to: unknown[], from: readonly unknown[]): unknown[] {
  for (const value of from) to.push(value);
  return to;
}
