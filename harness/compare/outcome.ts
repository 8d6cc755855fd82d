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

/** The outcome. One without any figure is inconclusive. */
export function outcomeOf({
  figures,
  incomparable,
  left,
}: Pick<ComparisonData, 'figures' | 'incomparable' | 'left'>): Outcome {
  const all = new Set<Outcome>(figures.map(({ verdict }) => outcomeOfFigure(verdict)));
  if (figures.length === 0 || incomparable.length + left.length > 0) all.add('inconclusive');
  return OUTCOMES.find((outcome) => all.has(outcome)) ?? 'passed';
}

function outcomeOfFigure(verdict: ComparisonVerdict): Outcome {
  switch (verdict) {
    case 'better':
    case 'same':
    case 'differs':
    case 'no evidence':
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
