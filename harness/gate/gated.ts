/** A comparison as the gate sees it: what stops the release, and why. */

import { budgetNeeded } from '../compare/needed.ts';
import { type Outcome, outcomeOf, outcomeOfFigure } from '../compare/outcome.ts';
import { ON_SIDE } from '../compare/words.ts';
import type { ClaimComparison, ComparisonData, FigureComparison } from '../comparison.ts';
import type { GatedBenchmark, GatedRun, Owner, ReleaseSet } from './releaseSet.ts';

/** One thing that was held against the baseline. */
export interface GatedItem {
  /** E.g. `launch/us-per-launch`, or `locality/local-maps` for a claim. */
  readonly id: string;
  readonly kind: 'figure' | 'claim';
  /** What is not judged, because the baseline has no such thing, stops nothing. */
  readonly outcome: Outcome | 'not judged';
  /** In a sentence, or nothing if the outcome says it. */
  readonly what: string;
  /** Who answers for it, and the reason why it is gated; null if the set does not know it. */
  readonly gate: { readonly owner: Owner; readonly reason: string } | null;
}

/** What the gate says. */
export interface GateResult {
  readonly outcome: Outcome;
  readonly items: readonly GatedItem[];
  /** What should have been judged and could not be. */
  readonly unjudged: readonly Unjudged[];
}

/** Something that could not be judged. */
export interface Unjudged {
  /** What it is about. */
  readonly id: string;
  /** In a sentence. */
  readonly why: string;
}

/** Judges a comparison by a release set. */
export function gated(data: ComparisonData, set: ReleaseSet): GateResult {
  const items = [
    ...data.figures.map((figure) => figureItem(figure, set)),
    ...data.claims.map((claim) => claimItem(claim, set)),
  ];
  const unjudged = [
    ...data.incomparable.map((why) => ({ id: subjectOf(why), why })),
    ...data.left.map((id) => ({
      id,
      why: `There was no time for ${id}: give ${budgetNeeded(data) ?? 'a larger --budget'}.`,
    })),
  ];
  const isLost = items.some(({ kind, outcome }) => kind === 'claim' && outcome === 'regressed');
  const ofFigures = outcomeOf(data);
  return {
    // What failed outright is told as such, whatever else there is.
    outcome: isLost && ofFigures !== 'failed' ? 'regressed' : ofFigures,
    items,
    unjudged,
  };
}

/** Sentences on figures begin with what they are about; the others are about both sides. */
const subjectOf = (why: string): string => /^([\w-]+(?:\/[^:]+)?): /.exec(why)?.[1] ?? 'both sides';

function figureItem(figure: FigureComparison, set: ReleaseSet): GatedItem {
  const { id, why } = figure;
  const outcome = figure.verdict === 'not judged' ? figure.verdict : outcomeOfFigure(figure.verdict);
  return {
    ...{ id, kind: 'figure' },
    outcome,
    what:
      figure.kind === 'failed'
        ? `failed ${ON_SIDE[figure.side]}: ${why}`
        : [...(figure.verdict === outcome ? [] : [figure.verdict]), ...(why === '' ? [] : [why])].join(': '),
    gate: gateOf(id, set),
  };
}

/** A claim that was reproduced, and is not any more, stops the release. */
function claimItem({ experiment, id, claim, base, head }: ClaimComparison, set: ReleaseSet): GatedItem {
  return {
    id: `${experiment}/${id}`,
    kind: 'claim',
    outcome: base === 'reproduced' && head !== 'reproduced' ? 'regressed' : 'passed',
    what: base === head ? `${claim} ${head}, as before` : `${claim} ${base} before, ${head} now`,
    gate: gateOf(experiment, set),
  };
}

function gateOf(id: string, { benchmarks, runs }: ReleaseSet): GatedItem['gate'] {
  const found: GatedBenchmark | GatedRun | undefined =
    benchmarks.find((one) => id === one.id || id.startsWith(`${one.id}/`)) ??
    runs.find(({ experiments }) => experiments.includes(id.split('/')[0] ?? ''));
  return found === undefined ? null : { owner: found.owner, reason: found.reason };
}

/** From which part on an effect on a benchmark's figure counts. Throws a RangeError if the set has no such benchmark. */
export function thresholdOf(id: string, { benchmarks }: ReleaseSet): number {
  const found = benchmarks.find((one) => id === one.id || id.startsWith(`${one.id}/`));
  if (found === undefined) throw new RangeError(`${id} is no benchmark of the release set`);
  return found.threshold;
}
