/** What the paper reports of performance isolation (NSDI'11 §6.7). */
import type { PaperClaim } from './claim.ts';

/** Means of pairs of windows, as the experiment names them. */
const SLOWDOWN = 'mean response beside the hog, by that alone (×)';

const CAVEAT =
  'The paper says neither how many processors its machine had nor what load there was on the web application, and both matter: ' +
  'without containers a request waits for as many others as there are spinning processes for each processor, and the more often the ' +
  'more it computes.';

/** Response times with the hog, as multiples of those without. A third of the effect is allowed for. */
const MEASURED = [
  {
    scenario: 'cgroups',
    label: 'slow-down in containers',
    claim: 'In Linux containers, requests take 30% longer beside a hog of 256 spinning processes.',
    value: 1.3,
    tolerance: 0.1,
  },
  {
    scenario: 'none',
    label: 'slow-down without containers',
    claim: 'Without containers, requests take 550% longer beside the same hog.',
    value: 6.5,
    tolerance: 1.8,
    explanation:
      'The kernels differ: the paper’s let a process that has slept run almost at once and for some milliseconds, while today’s lets it ' +
      'wait for its turn among all that spin, once for each slice of time that it needs.',
  },
] as const;

/** The claims. */
export const ISOLATION_CLAIMS: readonly PaperClaim[] = MEASURED.map(({ scenario, ...claim }) => ({
  ...claim,
  id: `isolation-${scenario}`,
  unit: '×',
  direction: 'higher',
  where: '§6.7',
  clock: 'real',
  quantity: { of: 'samples', scenario, samples: SLOWDOWN },
  caveat: CAVEAT,
}));
