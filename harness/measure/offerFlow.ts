/** When offers ended, and how, for all and by framework. */
import type { OfferFlow } from '../result.ts';
import type { Fold } from './fold.ts';
import { frameworkKey, offerKey } from './scope.ts';
import type { Span } from './stepFunction.ts';

/** Widths of steps in seconds: the first with which a run has few enough of them is taken. */
const STEPS_S = [0.25, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600] as const;

/** The most steps of a run. */
const STEPS_MAX = 240;

type Ending = 'accepted' | 'declined' | 'rescinded';

/** The offers that ended within a span; null if none was sent at all. */
export interface OfferFlowFold extends Fold<(run: Span) => OfferFlow | null> {}

/** Follows offers from when they are sent to their end. */
export function offerFlow(): OfferFlowFold {
  const nameOf = new Map<string, string>();
  const open = new Map<string, string>();
  const byFramework = new Map<string, Record<Ending, number>>();
  const ends: Readonly<Record<Ending, number[]>> = { accepted: [], declined: [], rescinded: [] };
  let sent = 0;
  const end = (key: string, ending: Ending, t: number): void => {
    const name = open.get(key);
    if (name === undefined) return;
    open.delete(key);
    ends[ending].push(t);
    const counts = byFramework.get(name) ?? { accepted: 0, declined: 0, rescinded: 0 };
    counts[ending]++;
    byFramework.set(name, counts);
  };
  return {
    observe(line) {
      switch (line.event) {
        case 'framework-registered':
          nameOf.set(frameworkKey(line), line.name);
          return;
        case 'offer-sent':
          sent++;
          open.set(offerKey(line), nameOf.get(frameworkKey(line)) ?? line.frameworkId);
          return;
        case 'offer-accepted':
          return end(offerKey(line), 'accepted', line.t);
        case 'offer-declined':
          return end(offerKey(line), 'declined', line.t);
        case 'offer-rescinded':
          return end(offerKey(line), 'rescinded', line.t);
      }
    },
    result: () => (run) => {
      if (sent === 0) return null;
      const stepS = stepOf(run);
      return {
        stepS,
        accepted: counted(ends.accepted, run, stepS),
        declined: counted(ends.declined, run, stepS),
        rescinded: counted(ends.rescinded, run, stepS),
        frameworks: [...byFramework].map(([name, counts]) => ({ name, ...counts })),
      };
    },
  };
}

function stepOf(run: Span): number {
  const lengthS = (run.toMs - run.fromMs) / 1000;
  return STEPS_S.find((stepS) => lengthS / stepS <= STEPS_MAX) ?? Math.ceil(lengthS / STEPS_MAX);
}

/** How many of these times lie in each step of a span. */
function counted(times: readonly number[], run: Span, stepS: number): number[] {
  const counts = Array.from({ length: Math.ceil((run.toMs - run.fromMs) / (stepS * 1000)) }, () => 0);
  for (const t of times) {
    const step = Math.floor((t - run.fromMs) / (stepS * 1000));
    if (step >= 0 && step < counts.length) counts[step] = (counts[step] ?? 0) + 1;
  }
  return counts;
}
