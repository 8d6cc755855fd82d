/** What the paper says of revocation and of the wait without it (NSDI'11 §3.3), as data. */
import type { PaperClaim } from './claim.ts';

export const REVOCATION_CLAIMS: readonly PaperClaim[] = [];
