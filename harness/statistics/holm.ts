/** Correction of p-values for the number of comparisons. */

/**
 * The p-values that Holm (1979) corrects them to, in the same order: if all that are at most 0.05 count, the chance that one of
 * them counts wrongly is at most 0.05, however they depend on each other.
 */
export function holm(ps: readonly number[]): readonly number[] {
  const order = ps.map((_, index) => index).sort((a, b) => (ps[a] as number) - (ps[b] as number));
  const corrected = new Array<number>(ps.length);
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * (ps[index] as number)));
    corrected[index] = highest;
  }
  return corrected;
}
