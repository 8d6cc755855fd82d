/**
 * What NSDI'11 §4 says of a framework that comes to a full cluster: it is entitled to k slots, on which others run tasks of mean
 * length T, and has one job of work βkT. Beside the paper's forms, which hold for many slots, stand the exact expectations, and how
 * far a single newcomer strays from them. All times are in units of T.
 */

/** How task lengths of others are spread: all alike, or memoryless. */
export type LengthKind = 'constant' | 'exponential';
/** Takes slots as they come, or starts when it has all. */
export type JobKind = 'elastic' | 'rigid';

/** A newcomer's case. */
export interface NewcomerCase {
  readonly job: JobKind;
  readonly lengths: LengthKind;
  /** Slots that it is entitled to. */
  readonly k: number;
  /** Its work is βk tasks of mean length. */
  readonly beta: number;
}

/** An expectation, and the standard deviation of one newcomer. */
export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/** The sum of 1/i for i from `from` to `to`. */
export function harmonic(to: number, from = 1): number {
  let sum = 0;
  for (let i = to; i >= from; i--) sum += 1 / i;
  return sum;
}

/** The paper's entries of table 2; utilisation from 0 to 1. */
export function paperTable({ job, lengths, k, beta }: NewcomerCase): {
  readonly rampUp: number;
  readonly completion: number;
  readonly utilisation: number;
} {
  const isConstant = lengths === 'constant';
  const rampUp = isConstant ? 1 : Math.log(k);
  if (job === 'elastic') return { rampUp, completion: (isConstant ? 0.5 : 1) + beta, utilisation: 1 };
  return { rampUp, completion: rampUp + beta, utilisation: beta / (rampUp - meanWait(lengths) + beta) };
}

/** How long one slot keeps the newcomer waiting, on average. */
function meanWait(lengths: LengthKind): number {
  return lengths === 'constant' ? 0.5 : 1;
}

/**
 * Time until the newcomer has all of its k slots: the greatest of k waits, which are uniform over [0, 1] or exponential with mean
 * 1. With exponential lengths that is the k-th harmonic number, which is 0.577 more than ln k for large k.
 */
export function rampUp(lengths: LengthKind, k: number): Expectation {
  if (lengths === 'constant') return { mean: k / (k + 1), deviation: Math.sqrt(k / (k + 2)) / (k + 1) };
  return anySlotRampUp(k, k);
}

/** The same if any k of n slots will do, and lengths are exponential: the k-th smallest of n waits. */
export function anySlotRampUp(k: number, n: number): Expectation {
  let variance = 0;
  for (let i = n; i > n - k; i--) variance += 1 / i ** 2;
  return { mean: harmonic(n, n - k + 1), deviation: Math.sqrt(variance) };
}

/** Slot-time that a rigid job holds and does not use, for each of its slots: from when it has the slot until it has all. */
export function hoarded(lengths: LengthKind, k: number): Expectation {
  const { mean, deviation } = rampUp(lengths, k);
  if (k === 1) return { mean: 0, deviation: 0 };
  // The mean wait of the slots varies with the greatest, so that this is an upper bound.
  const waits = (lengths === 'constant' ? 1 / 12 : 1) / k;
  return { mean: mean - meanWait(lengths), deviation: Math.sqrt(deviation ** 2 + waits) };
}

/** When a job ends, from its arrival; undefined where there is no closed form. */
export function completion({ job, lengths, k, beta }: NewcomerCase): Expectation | undefined {
  const ramp = rampUp(lengths, k);
  if (job === 'rigid') return { mean: ramp.mean + beta, deviation: ramp.deviation };
  const isRampedUp = lengths === 'constant' ? beta >= 1 : k === 1 || beta >= RAMPED_UP;
  if (!isRampedUp) return undefined;
  const wait = lengths === 'constant' ? Math.sqrt(1 / 12) : 1;
  return { mean: beta + meanWait(lengths), deviation: wait / Math.sqrt(k) };
}

/** With exponential lengths, the part e^-β of the slots has not come before the job ends: none to speak of from here on. */
const RAMPED_UP = 8;

/**
 * When an elastic job ends that has got slots after these waits, sorted, if its work can be split at will: at each moment all slots
 * that it has work. `work` is βk.
 */
export function fluidCompletion(waits: readonly number[], work: number): number {
  let sum = 0;
  for (const [index, wait] of waits.entries()) {
    sum += wait;
    const end = (work + sum) / (index + 1);
    if (end <= (waits[index + 1] ?? Number.POSITIVE_INFINITY)) return end;
  }
  throw new RangeError('a job without slots never ends');
}

/** The same for exponential waits and very many slots, for each of them work β: the root of t - (1 - e^-t) = β. */
export function fluidLimit(beta: number): number {
  let t = beta + 1;
  for (let n = 0; n < 50; n++) t -= (t - 1 + Math.exp(-t) - beta) / (1 - Math.exp(-t));
  return t;
}

/** How much later than split at will it ends, on average, if the work is in equal tasks of this length, much shorter than 1. */
export function lastTasks(taskLength: number, k: number): number {
  return taskLength * (k / (k + 1) - 0.5);
}
