/** What the paper says of the wait for a share (NSDI'11 §3.3), as data. */
import type { PaperClaim } from './claim.ts';

/**
 * The paper's claims about the experiment `revocation`. It measured nothing of it; there is a rule of thumb. Its tolerance is what “about”
 * may mean, and larger than what chance does to a mean of a few runs.
 */
export const REVOCATION_CLAIMS: readonly PaperClaim[] = [
  {
    id: 'revocation-wait-for-a-tenth',
    label: 'wait for a tenth of the cluster',
    claim:
      'Without revocation a framework that is to have a tenth of a full cluster waits for about a tenth of the mean task length.',
    value: 10,
    unit: '%',
    where: '§3.3',
    tolerance: 3,
    quantity: { of: 'value', scenario: 'tenth-never', value: 'newcomer time to its share (% of a task)' },
    caveat:
      'A rule of thumb of the paper, not a measurement. Here task lengths are exponential: then 10.5% are to be expected, since the ' +
      'slots that the newcomer has already taken do not become free again.',
  },
];
