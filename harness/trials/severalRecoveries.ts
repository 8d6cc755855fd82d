/** Several recoveries of one cluster as the findings of one cell: each is a sample, and its values are medians. */
import type { Findings } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { median } from '../statistics/quantile.ts';

/** Where all processors are this busy on average, some processes wait for them: what one process does alone leaves the others idle. */
const BUSY = 0.8;
/** A stage that is a smaller part of the time to recovery does not matter to it. */
const MATTERS = 0.1;

const MTTR = 'MTTR (s)';
const AFTER_ELECTION = 'election to all back (s)';
const BUSY_PERCENT = 'processors busy from election to all back (%)';

/**
 * Puts recoveries together; there must be one. `busyParts`: how busy the processors of the one machine that all ran on were from each
 * election until all were back; undefined if the machines had processors of their own. Curves are those of the recovery that took the
 * median time, or next below it.
 */
export function severalRecoveries(
  recoveries: readonly Findings[],
  busyParts: readonly number[] | undefined,
): Findings {
  const samples = {
    ...samplesOf(recoveries),
    ...(busyParts && { [BUSY_PERCENT]: busyParts.map((part) => 100 * part) }),
  };
  const values = Object.fromEntries(Object.entries(samples).map(([name, each]) => [name, median(each)]));
  const limited = whyLimited(values);
  return {
    values,
    samples,
    curves: middleOf(recoveries)?.curves ?? {},
    checks: [allBack(recoveries)],
    ...(limited !== undefined && { limited }),
  };
}

/** What was measured, by name; fewer times than there are recoveries if some did not get so far. */
function samplesOf(recoveries: readonly Findings[]): Readonly<Record<string, readonly number[]>> {
  const names = new Set(recoveries.flatMap(({ values }) => Object.keys(values)));
  return Object.fromEntries(
    [...names].map((name) => [name, recoveries.flatMap(({ values }) => values[name] ?? [])]),
  );
}

function middleOf(recoveries: readonly Findings[]): Findings | undefined {
  const mttr = ({ values }: Findings): number => values[MTTR] ?? Number.POSITIVE_INFINITY;
  const order = recoveries.toSorted((a, b) => mttr(a) - mttr(b));
  return order[Math.floor((order.length - 1) / 2)];
}

/** The check of each recovery as one. */
function allBack(recoveries: readonly Findings[]): Check {
  const all = recoveries.map(({ checks: [check] = [] }) => check as Check);
  const failed = all.findIndex(({ verdict }) => verdict === 'failed');
  const [first] = all as [Check];
  if (failed < 0) return { ...first, detail: `after each of ${all.length} kills` };
  return { ...first, verdict: 'failed', detail: `after kill ${failed + 1}: ${all[failed]?.detail}` };
}

function whyLimited(values: Readonly<Record<string, number>>): string | undefined {
  const { [MTTR]: mttrS, [AFTER_ELECTION]: afterS, [BUSY_PERCENT]: busyPercent } = values;
  if (mttrS === undefined || afterS === undefined || busyPercent === undefined) return undefined;
  if (busyPercent < 100 * BUSY || afterS < MATTERS * mttrS) return undefined;
  return (
    `From the election until all were back, which is ${Math.round((100 * afterS) / mttrS)}% of the time to recovery, the processors of the ` +
    `one machine that all ran on were ${Math.round(busyPercent)}% busy: processes waited for each other there.`
  );
}
