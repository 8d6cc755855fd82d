/** The paper's numbers that belong beside ours in charts and tables of jobs and frameworks, from the claims of a report. */
import type { ClaimResult } from '../../harness/result.ts';

/** The paper's speed-up for a framework's jobs summed up (Table 4); null if it has none. */
export function paperSum(claims: readonly ClaimResult[], framework: string): number | null {
  const claim = claims.find(
    ({ quantity }) => quantity.of === 'framework-speed-up' && quantity.framework === framework,
  );
  return claim?.paper ?? null;
}

/** The paper's speed-up for jobs of one kind and size (Table 5); null if it has none. */
export function paperSpeedUp(
  claims: readonly ClaimResult[],
  jobs: { readonly framework: string; readonly kind: string; readonly tasks: number },
): number | null {
  const claim = claims.find(
    ({ quantity }) =>
      quantity.of === 'job-speed-up' &&
      quantity.framework === jobs.framework &&
      quantity.kind === jobs.kind &&
      quantity.tasks === jobs.tasks,
  );
  return claim?.paper ?? null;
}

/** The paper's gain in utilisation in percentage points (Figure 7); null if it has none. */
export function paperGain(claims: readonly ClaimResult[], resource: 'cpus' | 'mem'): number | null {
  const claim = claims.find(
    ({ quantity }) => quantity.of === 'utilisation-gain' && quantity.resource === resource,
  );
  return claim?.paper ?? null;
}
