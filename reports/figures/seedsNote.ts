import type { Estimate } from '../../harness/result.ts';
import { count } from '../words.ts';

/** A sentence that says over how many seeds, or whatever was repeated, values are medians; none if there are no values. */
export function seedsNote(values: readonly (Estimate | null)[], repeated = 'seed'): readonly string[] {
  const seeds = values.flatMap((value) => (value === null || value.n === 0 ? [] : value.n));
  const [fewest, most] = [Math.min(...seeds), Math.max(...seeds)];
  if (seeds.length === 0) return [];
  if (most <= 1) return [`One ${repeated}.`];
  return [`Medians over ${fewest === most ? '' : `${fewest} to `}${count(most, repeated)}.`];
}
