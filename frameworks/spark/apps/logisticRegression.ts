/**
 * Logistic regression by gradient descent (NSDI'11 §6.4): the examples are parsed once and stay in memory; each iteration sends out
 * the weights and sums gradients, partition by partition, so that the result has the bits of the direct computation.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import {
  type Example,
  meanLoss,
  partialOf,
  readExample,
  step,
  sumPartials,
} from '../../../workloads/logisticRegression.ts';
import { SPAM_DIMENSIONS } from '../../../workloads/spamFeatures.ts';
import type { SparkContext } from '../program/context.ts';
import { taskFunctions } from '../program/functions.ts';
import type { Broadcast } from '../program/handles.ts';
import { readArguments } from './arguments.ts';

/** What it is told. */
export const ArgsSchema = v.object({
  /** Lines as in workloads/logisticRegression.ts: an input of the configuration, or the path of a file that all machines have. */
  input: v.string(),
  /** Number of weights, the bias included. */
  dimensions: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(10_000_000)),
    SPAM_DIMENSIONS,
  ),
  iterations: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 10),
  rate: v.optional(v.pipe(v.number(), v.finite()), 1),
  l2: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 0.0001),
  /** Keep the parsed examples in memory. */
  cache: v.optional(v.boolean(), true),
});

const functions = taskFunctions(import.meta.url, {
  isExample: (line: string) => line.length > 0,
  parse: (line: string, dimensions: number) => {
    const bytes = Buffer.from(line, 'latin1');
    return readExample(bytes, 0, bytes.length, dimensions);
  },
  gradient: (examples: Iterable<Example>, weights: Broadcast<Float64Array>) => [
    partialOf(weights.value, examples),
  ],
});

/** Trains. Resolves to the mean loss before each iteration, how long each took, and a hash of the weights. */
export async function main(context: SparkContext, args: Readonly<Record<string, unknown>>) {
  const { input, dimensions, iterations, cache, ...by } = readArguments(ArgsSchema, args);
  const examples = context.textFile(input).filter(functions.isExample).map(functions.parse, dimensions);
  if (cache) examples.cache();
  let weights: Float64Array = new Float64Array(dimensions);
  const losses: number[] = [];
  const iterationMs: number[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const start = context.now();
    const sent = context.broadcast(weights);
    const sum = sumPartials(await examples.mapPartitions(functions.gradient, sent).collect(), dimensions);
    sent.destroy();
    losses.push(meanLoss(sum));
    weights = step(weights, sum, by);
    iterationMs.push(context.now() - start);
    context.log(`iteration ${iteration + 1}: loss ${losses[iteration]?.toFixed(6)}`);
  }
  return { losses, iterationMs, weightsSha256: sha256(weights) };
}

/** The hash of numbers, to tell whether they have the same bits. */
export function sha256(numbers: Float64Array): string {
  return createHash('sha256')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex');
}
