/** What probes tell of the delay that a new framework's task meets. */

import { ADDED_DELAY } from '../../reports/paper/scalability.ts';
import type { ProbeReport } from '../emulate/peerConfig.ts';
import { mean } from '../statistics/mean.ts';
import { quantile } from '../statistics/quantile.ts';

type Finished = ProbeReport & { readonly outcome: 'finished' };

/** Percentiles of short probes that may be told, the middle and the tail. */
const PERCENTILES = [50, 90, 95, 99] as const;
/** A percentile needs so many values beyond it. */
const BEYOND_MIN = 10;

/** The delays, in seconds; of the paper's kind of probe each, of the short ones percentiles. */
export function delayFindings(
  probes: readonly ProbeReport[],
  shortProbes: readonly ProbeReport[],
): {
  readonly values: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, readonly number[]>>;
} {
  const long = finished(probes);
  const short = finished(shortProbes);
  const delays = long.map(({ delayMs }) => delayMs / 1000);
  return {
    values: {
      ...(delays.length > 0 && {
        'added delay, mean (s)': mean(delays),
        ...Object.fromEntries(stepsOf(long).map(([name, value]) => [`${name}, median (ms)`, value])),
      }),
      'short probes': short.length,
      ...percentiles(short.map(({ delayMs }) => delayMs)),
    },
    samples: { [ADDED_DELAY]: delays },
  };
}

function finished(probes: readonly ProbeReport[]): readonly Finished[] {
  return probes.flatMap((probe) => (probe.outcome === 'finished' ? [probe] : []));
}

/** Where the delay comes from: medians of the parts that it has. */
function stepsOf(probes: readonly Finished[]): readonly (readonly [string, number])[] {
  const median = (of: (probe: Finished) => number): number => quantile(probes.map(of), 0.5);
  return [
    ['until registered', median(({ registeredMs }) => registeredMs)],
    ['until offered', median(({ registeredMs, offeredMs }) => offeredMs - registeredMs)],
    ['until running', median(({ offeredMs, runningMs }) => runningMs - offeredMs)],
    ['until told of the end', median(({ delayMs, runningMs }) => delayMs - runningMs)],
  ];
}

function percentiles(delaysMs: readonly number[]): Readonly<Record<string, number>> {
  const told = PERCENTILES.filter((percent) => delaysMs.length * (1 - percent / 100) >= BEYOND_MIN);
  return Object.fromEntries(
    told.map((percent) => [
      `added delay of short probes, ${percent}th percentile (ms)`,
      quantile(delaysMs, percent / 100),
    ]),
  );
}
