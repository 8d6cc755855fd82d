/** What both sides have of that which is to be compared, and what is said of the rest. */
import type { Block, UnmatchedComparison } from '../comparison.ts';
import type { Target } from './block.ts';
import type { Offering } from './offering.ts';

/** What both sides have to offer; undefined where a side cannot say. */
export interface Offerings {
  readonly base: Offering | undefined;
  readonly head: Offering | undefined;
}

/** What is run by one command. */
export interface ExperimentRun {
  readonly experiments: readonly string[];
  /** Only these of their scenarios; absent: all. */
  readonly only?: readonly string[];
  /** Seeds, counted from 1; absent: as many as each scenario has. */
  readonly seeds?: number;
  readonly scale?: number;
}

/** A run of experiments as each side can do it. */
export interface MatchedRun {
  readonly base: ExperimentRun;
  readonly head: ExperimentRun;
}

/** What can be compared, and what only one side has. */
export interface Matching {
  readonly targets: readonly Target[];
  readonly runs: readonly MatchedRun[];
  readonly unmatched: readonly UnmatchedComparison[];
}

/** What is said of something that not both sides have: what the head has lost is worse, what is new has nothing to be held against. */
export function unmatched(id: string, what: string, base: boolean, head: boolean): UnmatchedComparison {
  const [verdict, why] = head
    ? (['not judged', `the base has no such ${what}`] as const)
    : base
      ? (['worse', `the head has no such ${what} any more`] as const)
      : (['not judged', `neither side has such a ${what}`] as const);
  return { kind: 'unmatched', id, verdict, why };
}

/**
 * What is said of a figure of which not each run of each side gave a number above 0, so that there is no ratio; undefined if each did.
 */
export function withoutRatio(id: string, blocks: readonly Block[]): UnmatchedComparison | undefined {
  const of = (which: 'base' | 'control' | 'head'): readonly number[] =>
    blocks.flatMap((block) => block[which]);
  const [base, head] = [[...of('base'), ...of('control')], of('head')];
  const silent = blocks.filter((block) => block.base.length === 0 || block.head.length === 0).length;
  const all = [...base, ...head];
  if (silent === 0 && all.every((value) => value > 0)) return undefined;
  if (silent === 0 && all.every((value) => value === 0))
    return { kind: 'unmatched', id, verdict: 'not judged', why: 'it is 0 in every run of both sides' };
  const none = (values: readonly number[]): string =>
    `${values.filter((value) => !(value > 0)).length} of ${values.length}`;
  const why =
    silent > 0
      ? `one of the sides gave no number in ${silent} of ${blocks.length} blocks`
      : `it is not above 0 in ${none(base)} runs of the base and ${none(head)} of the head: there is no ratio to nothing`;
  return { kind: 'unmatched', id, verdict: 'inconclusive', why };
}

/** A parameter that is not the same on both sides, in words; undefined if there is none. */
export function differingParameter(
  base: Readonly<Record<string, string | number>>,
  head: Readonly<Record<string, string | number>>,
): string | undefined {
  const name = [...new Set([...Object.keys(base), ...Object.keys(head)])].find(
    (one) => base[one] !== head[one],
  );
  return (
    name && `${name} is ${base[name] ?? 'not set'} on one side and ${head[name] ?? 'not set'} on the other`
  );
}

/** Matches. */
export function match(
  targets: readonly Target[],
  runs: readonly ExperimentRun[],
  offerings: Offerings,
): Matching {
  const { base, head } = offerings;
  const without: UnmatchedComparison[] = [];
  const isOnBoth = (id: string, what: string, isIn: (offering: Offering) => boolean): boolean => {
    const [one, other] = [base === undefined || isIn(base), head === undefined || isIn(head)];
    if (!one || !other) without.push(unmatched(id, what, one, other));
    return one && other;
  };
  const matchedTargets = targets
    .filter(({ id, name }) => isOnBoth(id, 'benchmark', ({ benchmarks }) => Object.hasOwn(benchmarks, name)))
    .map((target) => ({ ...target, kind: kindOf(target, offerings) }));
  const matchedRuns = runs.flatMap((run): readonly MatchedRun[] => {
    const experiments = run.experiments.filter((id) =>
      isOnBoth(id, 'experiment', (offering) => Object.hasOwn(offering.experiments, id)),
    );
    if (experiments.length === 0) return [];
    // Each side runs all that it has: claims may need it.
    const onSide = (offering: Offering | undefined): ExperimentRun => ({
      ...run,
      experiments,
      ...(run.only && { only: run.only.filter((id) => hasScenario(offering, experiments, id)) }),
    });
    const matched = { base: onSide(base), head: onSide(head) };
    if (matched.base.only?.length !== 0 && matched.head.only?.length !== 0) return [matched];
    for (const id of run.only ?? [])
      isOnBoth(`${experiments.join(' ')}/${id}`, 'scenario', (one) => hasScenario(one, experiments, id));
    return [];
  });
  return { targets: matchedTargets, runs: matchedRuns, unmatched: without };
}

const hasScenario = (offering: Offering | undefined, experiments: readonly string[], id: string): boolean =>
  offering === undefined || experiments.some((experiment) => offering.experiments[experiment]?.includes(id));

/** Versions take turns round by round only if the benchmark is made of rounds in both. */
function kindOf({ name, kind }: Target, { base, head }: Offerings): Target['kind'] {
  return [base, head].some((side) => side?.benchmarks[name] === 'whole') ? 'whole' : kind;
}
