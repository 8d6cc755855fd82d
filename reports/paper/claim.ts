/** A number that the paper reports, as data. */
import type { Quantity } from '../../harness/quantity.ts';
import type { ClockKind } from '../../harness/result.ts';

/** `×` is a ratio, `points` are percentage points, `s` and `ms` are seconds and milliseconds; `tasks` are counted. */
export type Unit = '×' | 'points' | '%' | 's' | 'ms' | 'tasks';

/** One number that the paper reports. */
export interface PaperClaim {
  readonly id: string;
  /** A few words, for axes and table rows. */
  readonly label: string;
  /** A sentence in plain words. */
  readonly claim: string;
  readonly value: number;
  readonly unit: Unit;
  /** Where the paper says so, e.g. `Table 4`. */
  readonly where: string;
  /** The side of no effect on which the paper's value lies; absent where a quantity has no such point. */
  readonly direction?: 'higher' | 'lower';
  /** The paper gives a bound, `value`, not the number itself. */
  readonly bound?: 'at-most' | 'at-least';
  /** The clock of the runs that are compared; default that of the scenario, and virtual time for pairs of systems. */
  readonly clock?: ClockKind;
  /** Distance from the paper's value that still counts as reproduced, in the claim's unit; of a bound, how much it may be overstepped. */
  readonly tolerance: number;
  readonly quantity: Quantity;
  /**
   * Nothing random goes into our value, so that one run tells all and no spread need be known. Counts in virtual time only,
   * and only as long as all seeds do give the same value.
   */
  readonly deterministic?: boolean;
  /** What to know before comparing. */
  readonly caveat: string;
  /** Why ours differs, as far as that was found out. Shown wherever the verdict is neither `reproduced` nor `not run`. */
  readonly explanation?: string;
}

/**
 * The value at which a quantity of this unit shows no effect: 1 for ratios, 0 for differences, none for
 * times.
 */
export function noEffect(unit: Unit): number | null {
  switch (unit) {
    case '×':
      return 1;
    case 'points':
      return 0;
    case '%':
    case 's':
    case 'ms':
    case 'tasks':
      return null;
    default:
      return unit satisfies never;
  }
}
