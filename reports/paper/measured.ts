/** Our own number for each claim of the paper, from the cells of one clock, and the verdict. */
import type {
  CellResult,
  ClaimResult,
  ClockKind,
  CompletedCell,
  Estimate,
  Series,
} from '../../harness/result.ts';
import { type ClockRuns, clockRuns, fullPairs } from '../results/clockRuns.ts';
import { estimate, mean } from '../results/estimate.ts';
import { jobsOf, kindsOfJobs, sums } from '../results/jobTimes.ts';
import type { PaperClaim } from './claims.ts';
import { judge } from './verdict.ts';

/**
 * Measures every claim on the cells of one clock and judges it.
 * If any of these cells was limited by the harness, every verdict with a number is `harness-limited`.
 */
export function judgeClaims(
  claims: readonly PaperClaim[],
  cells: readonly CellResult[],
  clock: ClockKind,
): readonly ClaimResult[] {
  const runs = clockRuns(clock, cells);
  const limited = runs.completed.find((cell) => cell.harness.limited !== null)?.harness.limited ?? null;
  return claims.map((claim) => {
    const ours = measure(claim, runs);
    const { id, unit, where, value } = claim;
    return { id, claim: claim.claim, unit, paper: value, where, ours, clock, ...judge(claim, ours, limited) };
  });
}

/** Our number for a claim, in the claim's unit; null if these runs do not give it. */
export function measure(claim: PaperClaim, runs: ClockRuns): Estimate | null {
  const pairs = fullPairs(runs);
  const { quantity } = claim;
  switch (quantity.of) {
    case 'framework-speed-up':
      return sums(pairs, quantity.framework)?.speedUp ?? null;
    case 'job-speed-up':
      return (
        kindsOfJobs(pairs, quantity.framework).find(
          (one) => one.kind === quantity.kind && one.tasks === quantity.tasks,
        )?.speedUp ?? null
      );
    case 'utilisation-gain': {
      const { resource, windowS } = quantity;
      const meanOf = (cell: CompletedCell): number => meanOver(cell.utilisation[resource], windowS);
      return estimate(pairs.map((pair) => 100 * (meanOf(pair.mesos) - meanOf(pair.static))));
    }
    case 'ramp-up':
      return estimate(runs.pairs.flatMap((pair) => meanWaitS(pair.mesos, quantity.framework) ?? []));
    default:
      return quantity satisfies never;
  }
}

/** Mean seconds from submission to start over the jobs that started; null if none did. */
function meanWaitS(cell: ClockRuns['completed'][number] | null, framework: string): number | null {
  if (cell === null) return null;
  const waits = jobsOf(cell, framework).flatMap((job) =>
    job.startedS === null ? [] : job.startedS - job.submittedS,
  );
  return waits.length === 0 ? null : mean(waits);
}

/** Mean over the first `windowS` seconds; what the series does not reach counts as nothing. */
function meanOver({ stepS, values }: Series, windowS: number): number {
  const steps = Math.round(windowS / stepS);
  return values.slice(0, steps).reduce((sum, value) => sum + value, 0) / steps;
}
