/** When jobs arrive. */
import { randomExponential } from 'd3-random';
import type { Uniform } from './random.ts';

/**
 * `count` times from 0 to `spanMs` with exponential gaps, as of a Poisson stream, scaled so that the last is
 * exactly at the end of the span. In order; whole milliseconds.
 */
export function poissonArrivals(count: number, spanMs: number, uniform: Uniform): readonly number[] {
  const gaps = Array.from({ length: Math.max(0, count - 1) }, randomExponential.source(uniform)(1));
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const times = count > 0 ? [0] : [];
  let sum = 0;
  for (const gap of gaps) {
    sum += gap;
    times.push(Math.round((spanMs * sum) / total));
  }
  return times;
}
