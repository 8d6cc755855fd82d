/**
 * Alternating least squares on ratings (NSDI'11 §6.1.1, HotCloud'10 §5): the ratings are grouped by user and by item once and stay in
 * memory; each half of an iteration sends out the factors of one side and solves for the other.
 */
import * as v from 'valibot';
import {
  type Factoring,
  type Factors,
  firstFactors,
  predict,
  type Ratings,
  solveFactors,
} from '../../../workloads/alternatingLeastSquares.ts';
import { type Rating, readRating } from '../../../workloads/ratings.ts';
import type { SparkContext } from '../program/context.ts';
import type { Dataset } from '../program/dataset.ts';
import { taskFunctions } from '../program/functions.ts';
import type { Broadcast } from '../program/handles.ts';
import { readArguments } from './arguments.ts';
import { sha256 } from './logisticRegression.ts';

const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000));
/** What it is told. */
export const ArgsSchema = v.object({
  /** Lines `USER ITEM RATING`: an input of the configuration, or the path of a file that all machines have. */
  input: v.string(),
  /** Users are numbered from 0 to one less than this. */
  users: CountSchema,
  items: CountSchema,
  rank: v.optional(v.pipe(CountSchema, v.maxValue(1000)), 10),
  lambda: v.optional(v.pipe(v.number(), v.finite(), v.gtValue(0)), 0.01),
  iterations: v.optional(v.pipe(CountSchema, v.maxValue(100_000)), 5),
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  /** Of the grouped ratings; default: as the configuration says. */
  partitions: v.optional(v.pipe(CountSchema, v.maxValue(100_000))),
});

const functions = taskFunctions(import.meta.url, {
  parse: (line: string) => readRating(line),
  user: ({ user }: Rating) => user,
  item: ({ item }: Rating) => item,
  /** One side's ratings in the shape that is solved from. */
  pack: (ratings: readonly Rating[], others: 'user' | 'item'): Ratings => ({
    ids: Int32Array.from(ratings, (rating) => rating[others]),
    ratings: Float64Array.from(ratings, ({ rating }) => rating),
  }),
  solve: (ratings: Ratings, others: Broadcast<Factors>, by: Factoring) =>
    solveFactors(ratings, others.value, by),
  /** The sum of the squares of the errors of a partition, and of how many ratings. */
  errors: (
    groups: Iterable<[number, Ratings]>,
    users: Broadcast<Factors>,
    items: Broadcast<Factors>,
    rank: number,
  ): [number, number][] => {
    let [sum, count] = [0, 0];
    for (const [user, { ids, ratings }] of groups)
      for (const [at, item] of ids.entries()) {
        sum += (predict(users.value, items.value, user, item, rank) - (ratings[at] as number)) ** 2;
        count++;
      }
    return [[sum, count]];
  },
});

/** Factors ratings. Resolves to the root mean square error at the end, how long each iteration took, and hashes of the factors. */
export async function main(context: SparkContext, args: Readonly<Record<string, unknown>>) {
  const parsed = readArguments(ArgsSchema, args);
  const { input, rank, lambda, iterations, seed, partitions = context.defaultPartitions } = parsed;
  const by = { rank, lambda };
  const ratings = context.textFile(input).map(functions.parse);
  const byUser = ratings
    .keyBy(functions.user)
    .groupByKey(partitions)
    .mapValues(functions.pack, 'item' as const)
    .cache();
  const byItem = ratings
    .keyBy(functions.item)
    .groupByKey(partitions)
    .mapValues(functions.pack, 'user' as const)
    .cache();
  const solve = async (
    groups: Dataset<[number, Ratings]>,
    others: Factors,
    count: number,
  ): Promise<Factors> => {
    const sent = context.broadcast(others);
    const solved = await groups.mapValues(functions.solve, sent, by).collect();
    sent.destroy();
    const factors = new Float64Array(count * rank);
    for (const [id, own] of solved) {
      if (id >= count)
        throw new RangeError(`There is a rating with number ${id}, but only ${count} were announced.`);
      factors.set(own, id * rank);
    }
    return factors;
  };
  let users: Factors = new Float64Array(parsed.users * rank);
  let items = firstFactors(parsed.items, rank, seed);
  const iterationMs: number[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const start = context.now();
    users = await solve(byUser, items, parsed.users);
    items = await solve(byItem, users, parsed.items);
    iterationMs.push(context.now() - start);
    context.log(`iteration ${iteration + 1} of ${iterations}`);
  }
  const [ofUsers, ofItems] = [context.broadcast(users), context.broadcast(items)];
  const errors = await byUser.mapPartitions(functions.errors, ofUsers, ofItems, rank).collect();
  const [sum, count] = errors.reduce(([s, c], [more, n]) => [s + more, c + n], [0, 0]);
  return {
    error: Math.sqrt(sum / count),
    iterationMs,
    usersSha256: sha256(users),
    itemsSha256: sha256(items),
  };
}
