/** What the paper says of the lengths of jobs and tasks (NSDI'11 §2, figure 1). */
import type { PaperClaim } from './claim.ts';

/** Part of a median: reading error of the figure and the spread of a few thousand draws. */
const TOLERANCE = 0.1;

/** The claims: the medians that the text names, of lengths that are drawn, and of job times that come out of drawn tasks. */
export const DURATION_CLAIMS: readonly PaperClaim[] = [
  median('lengths', 'job', 84, 'Drawn from the figure: shows that the generator does as it is told.'),
  median('lengths', 'task', 23, 'Drawn from the figure: shows that the generator does as it is told.'),
];

function median(scenario: string, what: 'job' | 'task', value: number, caveat: string): PaperClaim {
  return {
    id: `durations-median-${what}`,
    label: `median ${what}`,
    claim: `Half of all ${what}s take at most ${value} s.`,
    value,
    unit: 's',
    where: 'Section 2, figure 1',
    tolerance: Number((TOLERANCE * value).toFixed(1)),
    quantity: { of: 'value', scenario, value: `median ${what} (s)` },
    caveat,
  };
}
