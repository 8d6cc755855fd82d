/** What probes tell of the delay that a new framework's task meets. */

import { ADDED_DELAY, type ProbeStep, shortStep } from '../../reports/paper/scalability.ts';
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
        ...named(stepsOf(long, MEDIAN), (step) => `${step}, median (ms)`),
      }),
      'short probes': short.length,
      ...(short.length > 0 && named(stepsOf(short, mean), shortStep)),
      ...percentiles(short.map(({ delayMs }) => delayMs)),
    },
    samples: { [ADDED_DELAY]: delays },
  };
}

function finished(probes: readonly ProbeReport[]): readonly Finished[] {
  return probes.flatMap((probe) => (probe.outcome === 'finished' ? [probe] : []));
}

const MEDIAN = (values: readonly number[]): number => quantile(values, 0.5);

/** Where the delay comes from: the parts that it has, each of all probes together. */
function stepsOf(
  probes: readonly Finished[],
  together: (values: readonly number[]) => number,
): readonly (readonly [ProbeStep, number])[] {
  const part = (of: (probe: Finished) => number): number => together(probes.map(of));
  return [
    ['until begun', part(({ begunMs }) => begunMs)],
    ['until linked', part(({ begunMs, linkedMs }) => linkedMs - begunMs)],
    ['until registered', part(({ linkedMs, registeredMs }) => registeredMs - linkedMs)],
    ['until offered', part(({ registeredMs, offeredMs }) => offeredMs - registeredMs)],
    ['until running', part(({ offeredMs, runningMs }) => runningMs - offeredMs)],
    ['until told of the end', part(({ delayMs, runningMs }) => delayMs - runningMs)],
  ];
}

function named(
  steps: readonly (readonly [ProbeStep, number])[],
  name: (step: ProbeStep) => string,
): Readonly<Record<string, number>> {
  return Object.fromEntries(steps.map(([step, value]) => [name(step), value]));
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
