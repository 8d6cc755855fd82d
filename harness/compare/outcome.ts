/** What a comparison as a whole came to: the worst of its figures. */
import type { ComparisonData, ComparisonVerdict } from '../comparison.ts';

/** From the worst to the best. */
const OUTCOMES = [
  'failed',
  'regressed',
  'infrastructure',
  'harness-limited',
  'inconclusive',
  'passed',
] as const;

/** What it came to. */
export type Outcome = (typeof OUTCOMES)[number];

/** The outcome. One in which nothing could be judged is inconclusive. */
export function outcomeOf({
  figures,
  incomparable,
  left,
}: Pick<ComparisonData, 'figures' | 'incomparable' | 'left'>): Outcome {
  const all = new Set<Outcome>(figures.map(({ verdict }) => outcomeOfFigure(verdict)));
  const isNothingJudged = figures.every(({ verdict }) => verdict === 'not judged');
  if (isNothingJudged || incomparable.length + left.length > 0) all.add('inconclusive');
  return OUTCOMES.find((outcome) => all.has(outcome)) ?? 'passed';
}

/** What one figure alone makes of it. What is not judged stops nothing. */
export function outcomeOfFigure(verdict: ComparisonVerdict): Outcome {
  switch (verdict) {
    case 'better':
    case 'same':
    case 'differs':
    case 'no evidence':
    case 'not judged':
      return 'passed';
    case 'worse':
      return 'regressed';
    case 'inconclusive':
    case 'harness-limited':
    case 'failed':
    case 'infrastructure':
      return verdict;
    default:
      return verdict satisfies never;
  }
}
