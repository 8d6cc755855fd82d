/** Word count: how often each word stands in a text. */
import * as v from 'valibot';
import type { SparkContext } from '../program/context.ts';
import { taskFunctions } from '../program/functions.ts';
import { readArguments } from './arguments.ts';

/** What it is told. */
export const ArgsSchema = v.object({
  /** An input of the configuration, or the path of a file that all machines have. */
  input: v.string(),
  /** Partitions of the counts; default: those of the configuration. */
  partitions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** How many of the most frequent words to tell; default 10. */
  top: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)), 10),
});

const functions = taskFunctions(import.meta.url, {
  words: (line: string) => line.toLowerCase().match(/[a-z0-9]+/g) ?? [],
  one: (word: string): [string, number] => [word, 1],
  add: (a: number, b: number) => a + b,
  /** The most frequent words of a partition. */
  top: (counts: Iterable<[string, number]>, most: number) => topOf([...counts], most),
});

/** Counts words. Resolves to the most frequent ones, and how many there are. */
export async function main(context: SparkContext, args: Readonly<Record<string, unknown>>) {
  const { input, partitions = context.defaultPartitions, top } = readArguments(ArgsSchema, args);
  const counts = context
    .textFile(input)
    .flatMap(functions.words)
    .map(functions.one)
    .reduceByKey(functions.add, partitions)
    .cache();
  const different = await counts.count();
  const most = topOf(await counts.mapPartitions(functions.top, top).collect(), top);
  return { different, top: most.map(([word, count]) => ({ word, count })) };
}

/** By count, then by the alphabet. */
function topOf(counts: readonly [string, number][], most: number): [string, number][] {
  return counts.toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, most);
}
