/** Would chance give as much? Asked of the values themselves, in other orders. */
import { seededRandom } from '../../mesos/runtime/random.ts';

/** As many orders as exceed what was seen before it is given up: then it is no evidence at this level. */
const EXCEEDING = 10;

/**
 * The probability of a statistic at least as large in a random order of the values, as an estimate that is never too small: the test
 * is exact (Phipson and Smyth 2010). There are as many orders as it takes to tell whether it is above `pMax`; it ends with the tenth
 * that exceeds (Besag and Clifford 1991). The same values give the same answer.
 */
export function permutationTest(
  values: Float64Array,
  statistic: (values: Float64Array) => number,
  pMax: number,
): number {
  // Sums in another order differ in their last bits.
  const seen = statistic(values) * (1 - 1e-9);
  const orders = Math.ceil(EXCEEDING / pMax) - 1;
  const random = seededRandom('permutation test');
  const order = Float64Array.from(values);
  let exceeding = 0;
  for (let n = 1; n <= orders; n++) {
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor((random.uint32() / 2 ** 32) * (last + 1));
      const value = order[last] as number;
      order[last] = order[other] as number;
      order[other] = value;
    }
    if (statistic(order) >= seen) exceeding++;
    if (exceeding === EXCEEDING) return exceeding / n;
  }
  return (exceeding + 1) / (orders + 1);
}
