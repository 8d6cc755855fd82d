/** What several measures of a cell found, as one. */
import type { Findings } from '../experiments/experiment.ts';
import type { Check, Curve } from '../result.ts';

/** All that was found. */
export interface AllFindings {
  readonly values: Readonly<Record<string, number>>;
  readonly curves: Readonly<Record<string, Curve>>;
  /** Absent if there are none. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  readonly checks: readonly Check[];
}

/** Joins findings. Throws an Error if two have the same name for a value, a curve or samples. */
export function allFindings(all: readonly Findings[]): AllFindings {
  const samples = joined(all.map((each) => each.samples ?? {}));
  return {
    values: joined(all.map(({ values }) => values)),
    curves: joined(all.map(({ curves = {} }) => curves)),
    ...(Object.keys(samples).length > 0 && { samples }),
    checks: all.flatMap(({ checks = [] }) => checks),
  };
}

function joined<T>(parts: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  const names = parts.flatMap(Object.keys);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two measures of a scenario give '${twice}'`);
  return Object.assign({}, ...parts);
}
