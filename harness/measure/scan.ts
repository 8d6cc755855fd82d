/** What the scans of the data locality experiment took (NSDI'11 §6.3). */
import { REMOTE_OVER_LOCAL, rescaledScanMs, SCAN_STATIC_LOCAL } from '../../workloads/scan.ts';
import type { Measure } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { foldOf } from './fold.ts';
import { jobRuns } from './jobs.ts';
import { localities, localPart } from './locality.ts';

/** Points that the local maps of static partitions may be away from the formula: partitions and draws differ. */
const FORMULA_MARGIN_POINTS = 1;

/**
 * Mean job time over all instances: `job time (s)`, and what it would be if remote reads cost less or more than is assumed:
 * `job time, remote reads 1.5× (s)` and so on.
 */
export function scanTimes(): Measure {
  const jobs = jobRuns();
  const reads = localities();
  return foldOf({
    parts: [jobs, reads],
    result() {
      const times = [...jobs.result().values()]
        .flat()
        .map(({ intendedMs, endedMs }) => (endedMs ?? Number.NaN) - intendedMs);
      const meanMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
      const local = localPart(reads.result().values());
      const values: Record<string, number> = { 'job time (s)': meanMs / 1_000 };
      for (const ratio of [REMOTE_OVER_LOCAL.low, REMOTE_OVER_LOCAL.high])
        values[`job time, remote reads ${ratio}× (s)`] = rescaledScanMs(meanMs, local, ratio) / 1_000;
      return { values };
    },
  });
}

/** Holds local maps of static partitions against 1 - (1 - p/n)³, and gives that beside them. */
export function staticFormula(): Measure {
  const reads = localities();
  return foldOf({
    parts: [reads],
    result() {
      const seen = 100 * localPart(reads.result().values());
      const expected = 100 * SCAN_STATIC_LOCAL;
      const check: Check = {
        id: 'static-locality-formula',
        claim: `A static partition reads as many blocks locally as have a replica on it, ${expected.toFixed(1)}%, give or take ${FORMULA_MARGIN_POINTS} point.`,
        verdict: Math.abs(seen - expected) <= FORMULA_MARGIN_POINTS ? 'passed' : 'failed',
        detail: `${seen.toFixed(1)}% were local`,
      };
      return { values: { 'local maps, formula (%)': expected }, checks: [check] };
    },
  });
}
