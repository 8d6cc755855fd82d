/**
 * Benchmarks whose work is many short rounds: several versions of the code can take turns round by round, in one process, so that
 * whatever else the machine does strikes all of them alike.
 */
import { median } from '../statistics/quantile.ts';
import type { BenchPlan } from './benchPlan.ts';
import { type Measurement, measurement } from './measurement.ts';

/** A benchmark that is under way. */
export interface Rounds {
  /** Does the next round; what each figure of it came to, by the last part of the figure's id. */
  round(): Readonly<Record<string, number>>;
}

/** How to start one. */
export interface RoundsBenchmark {
  /** Of all figures. */
  readonly unit: string;
  readonly better: Measurement['better'];
  /** What decides how much work it is: figures of other parameters are not comparable. */
  readonly parameters: Readonly<Record<string, string | number>>;
  start(seed: number): Rounds;
}

/** Rounds before those that count: the compiler has to see the code in use. */
const WARM_UP_ROUNDS = 30;
/** Rounds that count. */
const COUNTED_ROUNDS = 60;
const REPETITIONS = 5;

/** Measures one version alone, each figure as the median of its rounds. */
export function benchRounds(
  name: string,
  { unit, better, parameters, start }: RoundsBenchmark,
  { repetitions = REPETITIONS, seed }: BenchPlan,
): readonly Measurement[] {
  const all = Array.from({ length: repetitions }, (_, n) => {
    const rounds = start(seed + n);
    for (let warm = 0; warm < WARM_UP_ROUNDS; warm++) rounds.round();
    return mediansOf(Array.from({ length: COUNTED_ROUNDS }, () => rounds.round()));
  });
  return Object.keys(all[0] ?? {}).map((figure) => ({
    ...measurement(
      `${name}/${figure}`,
      unit,
      better,
      all.map((one) => one[figure] as number),
    ),
    parameters,
  }));
}

/** The median of each figure. */
function mediansOf(rounds: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const figures = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    figures.map((figure) => [figure, median(rounds.map((round) => round[figure] as number))]),
  );
}
