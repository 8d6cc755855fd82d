/** Speed-ups: the same jobs on two systems. */
import { type BootstrapOptions, bootstrapInterval, type Interval } from './bootstrap.ts';
import { geometricMean, mean } from './mean.ts';

/** One job on both systems, e.g. its seconds on the static partition and on Mesos. */
export interface Pair {
  readonly base: number;
  readonly other: number;
}

/** A ratio with its 95 % interval over jobs. */
export interface RatioEstimate {
  readonly value: number;
  readonly interval: Interval;
  readonly n: number;
}

/** How much faster the other system is: base / other, in the ways that people take it. */
export interface SpeedUps {
  /** Of the total times: NSDI'11 Table 4. Long jobs count more. */
  readonly ofSums: RatioEstimate;
  /** The mean of the jobs' own ratios: NSDI'11 Table 5. Jobs that gain much count more. */
  readonly meanOfRatios: RatioEstimate;
  /** The geometric mean of the jobs' own ratios: the same whichever system is the base. */
  readonly geometric: RatioEstimate;
}

/**
 * Pairs the values of jobs that both systems have, in the order of the base; `unpaired` counts the others. A
 * pair needs positive times; a job without is unpaired.
 */
export function pair(
  base: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
): { readonly pairs: readonly Pair[]; readonly unpaired: number } {
  const pairs: Pair[] = [];
  for (const [id, value] of base) {
    const counterpart = other.get(id);
    if (counterpart !== undefined && value > 0 && counterpart > 0)
      pairs.push({ base: value, other: counterpart });
  }
  return { pairs, unpaired: new Set([...base.keys(), ...other.keys()]).size - pairs.length };
}

/**
 * Speed-ups with bootstrap intervals over jobs. Throws a RangeError if there are no pairs, or one is not
 * positive.
 */
export function speedUps(pairs: readonly Pair[], options: BootstrapOptions): SpeedUps {
  const ratios = (sample: readonly Pair[]): number[] => sample.map(({ base, other }) => base / other);
  const estimate = (statistic: (sample: readonly Pair[]) => number): RatioEstimate => ({
    value: statistic(pairs),
    interval: bootstrapInterval(pairs, statistic, options),
    n: pairs.length,
  });
  if (!pairs.every(({ base, other }) => base > 0 && other > 0))
    throw new RangeError('a speed-up needs times greater than 0');
  return {
    ofSums: estimate((sample) => mean(sample.map((p) => p.base)) / mean(sample.map((p) => p.other))),
    meanOfRatios: estimate((sample) => mean(ratios(sample))),
    geometric: estimate((sample) => geometricMean(ratios(sample))),
  };
}
