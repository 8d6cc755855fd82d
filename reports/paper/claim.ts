/** A number that the paper reports, as data. */
import type { ClockKind } from '../../harness/result.ts';

/** The quantity that a claim is about, so that it can be measured on our own runs. */
export type Quantity =
  /** Sum of the framework's job times on the static partition, divided by the sum on Mesos. */
  | { readonly of: 'framework-speed-up'; readonly framework: string }
  /** Mean over the jobs of one kind of static job time divided by Mesos job time. */
  | {
      readonly of: 'job-speed-up';
      readonly framework: string;
      readonly kind: string;
      /** Maps and reduces, or ranks, of one such job: tells two kinds with the same name apart. */
      readonly tasks: number;
    }
  /** Mean utilisation on Mesos minus mean utilisation on static partitions, both over the first `windowS` seconds. */
  | { readonly of: 'utilisation-gain'; readonly resource: 'cpus' | 'mem'; readonly windowS: number }
  /** Mean time from the submission of a job until it runs, on Mesos. */
  | { readonly of: 'ramp-up'; readonly framework: string }
  /** A value that a scenario measured, by its name. */
  | { readonly of: 'value'; readonly scenario: string; readonly value: string }
  /** What a scenario measured several times within each cell, by its name: each time counts as a run of its own. */
  | { readonly of: 'samples'; readonly scenario: string; readonly samples: string }
  /** A value of one scenario divided by that of another with the same seed; `value` and `overValue` may differ in name. */
  | {
      readonly of: 'ratio';
      readonly scenario: string;
      readonly over: string;
      readonly value: string;
      readonly overValue?: string;
    }
  /** A value of one scenario minus that of another with the same seed. */
  | { readonly of: 'difference'; readonly scenario: string; readonly minus: string; readonly value: string };

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
