/**
 * Logistic regression by gradient descent, as pure mathematics: what the frameworks compute (NSDI'11 §6.4), and the direct
 * computation that they are held against.
 *
 * Examples are lines in the format of svmlight and LIBSVM: `LABEL INDEX:VALUE INDEX:VALUE …`, the label 0 or 1, indices from 1 and
 * ascending. Weight 0 is the bias. The loss is the mean of log(1 + exp(-margin)) over all examples, plus l2 / 2 times the square of
 * the weights without the bias.
 *
 * Sums of floating-point numbers depend on their order. Here it is fixed: within a block by line, then by block ({@link Partial}).
 * Whoever keeps to it gets the same bits.
 */

/** A sparse example. */
export interface Example {
  readonly label: 0 | 1;
  /** From 1, ascending. */
  readonly indices: Int32Array;
  /** As many as indices. */
  readonly values: Float64Array;
}

/** What some examples say about the weights: sums, not means. */
export interface Partial {
  readonly examples: number;
  readonly loss: number;
  /** As long as the weights. */
  readonly gradient: Float64Array;
}

/** How to descend. */
export interface Descent {
  /** Length of a step, times the gradient of the mean loss. */
  readonly rate: number;
  /** Weight of the penalty on large weights. */
  readonly l2: number;
}

/** How to train. */
export interface Training extends Descent {
  /** Number of weights, the bias included. */
  readonly dimensions: number;
  readonly iterations: number;
}

const SPACE = 32;
const COLON = 58;
const NEWLINE = 10;

/** Reads the example in `bytes[start, end)`, with or without its newline. Throws a SyntaxError if it is none. */
export function readExample(bytes: Uint8Array, start: number, end: number, dimensions: number): Example {
  const last = end > start && bytes[end - 1] === NEWLINE ? end - 1 : end;
  let features = 0;
  for (let at = start; at < last; at += 1) if (bytes[at] === COLON) features += 1;
  const label = (bytes[start] as number) - 48;
  if ((label !== 0 && label !== 1) || (last > start + 1 && bytes[start + 1] !== SPACE))
    throw new SyntaxError(
      `An example begins with its label, 0 or 1, not with '${show(bytes, start, last)}'.`,
    );
  const indices = new Int32Array(features);
  const values = new Float64Array(features);
  let at = start + 2;
  let before = 0;
  for (let feature = 0; feature < features; feature += 1) {
    let index = 0;
    for (; bytes[at] !== COLON; at += 1) index = 10 * index + digit(bytes, at, start, last);
    const valueStart = at + 1;
    for (at = valueStart; at < last && bytes[at] !== SPACE; at += 1);
    values[feature] = readDecimal(bytes, valueStart, at);
    if (index <= before || index >= dimensions)
      throw new RangeError(
        `Indices ascend from 1 to ${dimensions - 1}; ${index} after ${before} does not. Are there as many dimensions as the examples have?`,
      );
    indices[feature] = index;
    before = index;
    at += 1;
  }
  if (at < last) throw noFeatures(bytes, start, last);
  return { label: label as 0 | 1, indices, values };
}

/** Adds the gradient of an example's loss to a sum. Returns the loss. */
export function addGradient(weights: Float64Array, example: Example, gradient: Float64Array): number {
  const { label, indices, values } = example;
  const margin = marginOf(weights, example);
  const error = 1 / (1 + Math.exp(-margin)) - label;
  gradient[0] = (gradient[0] as number) + error;
  for (let at = 0; at < indices.length; at += 1) {
    const index = indices[at] as number;
    gradient[index] = (gradient[index] as number) + error * (values[at] as number);
  }
  const signed = label === 1 ? margin : -margin;
  // log(1 + exp(-signed)), without overflow.
  return signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
}

/** Weights times example, plus the bias: above 0 it is taken for label 1. */
function marginOf(weights: Float64Array, { indices, values }: Example): number {
  let margin = weights[0] as number;
  for (let at = 0; at < indices.length; at += 1)
    margin += (weights[indices[at] as number] as number) * (values[at] as number);
  return margin;
}

/** The sums over the examples of a block, in their order. */
export function partialOf(weights: Float64Array, block: Iterable<Example>): Partial {
  const gradient = new Float64Array(weights.length);
  let [examples, loss] = [0, 0];
  for (const example of block) {
    loss += addGradient(weights, example, gradient);
    examples += 1;
  }
  return { examples, loss, gradient };
}

/** The sums of several blocks, in the order given. */
export function sumPartials(partials: Iterable<Partial>, dimensions: number): Partial {
  const gradient = new Float64Array(dimensions);
  let [examples, loss] = [0, 0];
  for (const partial of partials) {
    examples += partial.examples;
    loss += partial.loss;
    for (let at = 0; at < dimensions; at += 1)
      gradient[at] = (gradient[at] as number) + (partial.gradient[at] as number);
  }
  return { examples, loss, gradient };
}

/** One weight after a step. `gradient` is the sum over so many examples; the bias has no penalty. */
export function stepWeight(
  index: number,
  weight: number,
  gradient: number,
  examples: number,
  by: Descent,
): number {
  const penalty = index === 0 ? 0 : by.l2 * weight;
  return weight - by.rate * (gradient / examples + penalty);
}

/** All weights after a step. */
export function step(weights: Float64Array, { gradient, examples }: Partial, by: Descent): Float64Array {
  return weights.map((weight, index) => stepWeight(index, weight, gradient[index] as number, examples, by));
}

/** The mean loss, without the penalty. */
export function meanLoss({ loss, examples }: Pick<Partial, 'loss' | 'examples'>): number {
  return loss / examples;
}

/** The direct computation: all in memory, in one thread. Losses are those before each step. */
export function train(
  blocks: readonly (readonly Example[])[],
  training: Training,
): { readonly weights: Float64Array; readonly losses: readonly number[] } {
  let weights: Float64Array = new Float64Array(training.dimensions);
  const losses: number[] = [];
  for (let iteration = 0; iteration < training.iterations; iteration += 1) {
    const partials = blocks.map((block) => partialOf(weights, block));
    const sum = sumPartials(partials, training.dimensions);
    losses.push(meanLoss(sum));
    weights = step(weights, sum, training);
  }
  return { weights, losses };
}

/** The part of the examples whose label the weights tell. */
export function accuracy(weights: Float64Array, examples: readonly Example[]): number {
  const right = examples.filter((example) => (marginOf(weights, example) > 0 ? 1 : 0) === example.label);
  return right.length / examples.length;
}

/** All examples of a block of lines. */
export function readExamples(block: Uint8Array, dimensions: number): readonly Example[] {
  const examples: Example[] = [];
  for (let at = 0; at < block.length; ) {
    const newline = block.indexOf(NEWLINE, at);
    const end = newline < 0 ? block.length : newline;
    if (end > at) examples.push(readExample(block, at, end, dimensions));
    at = end + 1;
  }
  return examples;
}

function digit(bytes: Uint8Array, at: number, start: number, last: number): number {
  const value = (bytes[at] as number) - 48;
  if (!(at < last && value >= 0 && value <= 9)) throw noFeatures(bytes, start, last);
  return value;
}

function noFeatures(bytes: Uint8Array, start: number, last: number): SyntaxError {
  return new SyntaxError(`An example has features INDEX:VALUE, not '${show(bytes, start, last)}'.`);
}

const POWERS = Float64Array.from({ length: 16 }, (_, n) => 10 ** n);

/** A decimal number. The common ones, of few digits, without making a string; correctly rounded in any case. */
function readDecimal(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0;
  let point = -1;
  if (end - start <= 16)
    for (let at = start; at < end; at += 1) {
      const value = (bytes[at] as number) - 48;
      if (value >= 0 && value <= 9) digits = 10 * digits + value;
      else if (value === -2 && point < 0) point = at;
      else return readSlowly(bytes, start, end);
    }
  // Both sides of the division are exact, so its result is rounded once.
  if (end - start > (point < 0 ? 0 : 1) && end - start <= 16)
    return point < 0 ? digits : digits / (POWERS[end - point - 1] as number);
  return readSlowly(bytes, start, end);
}

function readSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value))
    throw new SyntaxError(`The value of a feature is a number, not '${text.slice(0, 40)}'.`);
  return value;
}

function show(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, Math.min(end, start + 40))).toString('latin1');
}
