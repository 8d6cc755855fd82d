/**
 * Alternating least squares, as pure mathematics: what the frameworks compute, and the direct computation that they are held
 * against. A rating is taken for the product of a user's factors and an item's. With those of the items fixed, each user's are the
 * solution of a small linear system of its own, and the other way round (Zhou et al., AAIM'08: the penalty is weighted by the number
 * of ratings).
 *
 * A user's sums run over its ratings in the order given. Whoever keeps to it gets the same bits.
 */
import { seededUniform } from './random.ts';
import type { Rating } from './ratings.ts';

/** What one user said of items, or what was said of one item by users. */
export interface Ratings {
  /** Of the others: items or users. */
  readonly ids: Int32Array;
  readonly ratings: Float64Array;
}

/** Factors of all users, or of all items: `rank` numbers for each, one after the other. */
export type Factors = Float64Array;

/** How to factor. */
export interface Factoring {
  readonly rank: number;
  /** Weight of the penalty on large factors. */
  readonly lambda: number;
}

/** The factors to begin with: small and different, the same for the same seed. */
export function firstFactors(count: number, rank: number, seed: number): Factors {
  const uniform = seededUniform(`factors ${seed}`);
  return Float64Array.from({ length: count * rank }, () => 0.1 + 0.9 * uniform());
}

/** The factors of one user, given those of the items that it has rated. */
export function solveFactors({ ids, ratings }: Ratings, others: Factors, by: Factoring): Float64Array {
  const { rank, lambda } = by;
  const matrix = new Float64Array(rank * rank);
  const right = new Float64Array(rank);
  for (let n = 0; n < ids.length; n += 1) {
    const from = (ids[n] as number) * rank;
    const rating = ratings[n] as number;
    for (let row = 0; row < rank; row += 1) {
      const factor = others[from + row] as number;
      right[row] = (right[row] as number) + rating * factor;
      for (let column = 0; column <= row; column += 1)
        matrix[row * rank + column] =
          (matrix[row * rank + column] as number) + factor * (others[from + column] as number);
    }
  }
  for (let at = 0; at < rank; at += 1)
    matrix[at * rank + at] = (matrix[at * rank + at] as number) + lambda * ids.length;
  return solve(matrix, right, rank);
}

/** Solves a positive definite system by Cholesky's decomposition, of which the lower triangle is given. Overwrites both. */
function solve(matrix: Float64Array, right: Float64Array, rank: number): Float64Array {
  const at = (row: number, column: number): number => matrix[row * rank + column] as number;
  for (let column = 0; column < rank; column += 1)
    for (let row = column; row < rank; row += 1) {
      let sum = at(row, column);
      for (let n = 0; n < column; n += 1) sum -= at(row, n) * at(column, n);
      matrix[row * rank + column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  for (let row = 0; row < rank; row += 1) {
    let sum = right[row] as number;
    for (let n = 0; n < row; n += 1) sum -= at(row, n) * (right[n] as number);
    right[row] = sum / at(row, row);
  }
  for (let row = rank - 1; row >= 0; row -= 1) {
    let sum = right[row] as number;
    for (let n = row + 1; n < rank; n += 1) sum -= at(n, row) * (right[n] as number);
    right[row] = sum / at(row, row);
  }
  return right;
}

/** What a user and an item are taken to give. */
export function predict(users: Factors, items: Factors, user: number, item: number, rank: number): number {
  let rating = 0;
  for (let at = 0; at < rank; at += 1)
    rating += (users[user * rank + at] as number) * (items[item * rank + at] as number);
  return rating;
}

/** The sum of the squares of the errors of some ratings. */
function squaredError(ratings: Iterable<Rating>, users: Factors, items: Factors, rank: number): number {
  let sum = 0;
  for (const { user, item, rating } of ratings)
    sum += (predict(users, items, user, item, rank) - rating) ** 2;
  return sum;
}

/** Ratings by one side's id, each in the order given. */
export function groupRatings(ratings: Iterable<Rating>, side: 'user' | 'item'): ReadonlyMap<number, Ratings> {
  const groups = new Map<number, [ids: number[], ratings: number[]]>();
  for (const each of ratings) {
    const group = groups.get(each[side]) ?? [[], []];
    group[0].push(side === 'user' ? each.item : each.user);
    group[1].push(each.rating);
    groups.set(each[side], group);
  }
  return new Map(
    [...groups].map(([id, [ids, given]]) => [
      id,
      { ids: Int32Array.from(ids), ratings: Float64Array.from(given) },
    ]),
  );
}

/** The direct computation: all in memory, in one thread. `errors`: root mean square after each iteration. */
export function factorise(
  ratings: readonly Rating[],
  size: { readonly users: number; readonly items: number },
  by: Factoring & { readonly iterations: number; readonly seed: number },
): { readonly users: Factors; readonly items: Factors; readonly errors: readonly number[] } {
  const { rank, iterations, seed } = by;
  const users = new Float64Array(size.users * rank);
  const items = firstFactors(size.items, rank, seed);
  const byUser = groupRatings(ratings, 'user');
  const byItem = groupRatings(ratings, 'item');
  const errors: number[] = [];
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    for (const [user, given] of byUser) users.set(solveFactors(given, items, by), user * rank);
    for (const [item, given] of byItem) items.set(solveFactors(given, users, by), item * rank);
    errors.push(Math.sqrt(squaredError(ratings, users, items, rank) / ratings.length));
  }
  return { users, items, errors };
}
