/** When offers ended, and how, for all and by framework. */
import type { OfferFlow } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import type { OfferEnd, OfferEnding } from './offerEnding.ts';
import { newPass } from './pass.ts';
import type { Span } from './stepFunction.ts';

/** Widths of steps in seconds: the first with which a run has few enough of them is taken. */
const STEPS_S = [0.25, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600] as const;

/** The most steps of a run. */
const STEPS_MAX = 240;

/** The offers that ended within a span; null if none was sent at all. */
export interface OfferFlowFold extends Fold<(run: Span) => OfferFlow | null> {}

/** Follows offers from when they are sent to their end. */
export function offerFlow(pass = newPass()): OfferFlowFold {
  const names = pass.shared(frameworkNames);
  const nameOf = names.result();
  const open = new Map<number, string>();
  const byFramework = new Map<string, Record<OfferEnding, number>>();
  const ends: Readonly<Record<OfferEnding, number[]>> = { accepted: [], declined: [], rescinded: [] };
  let sent = 0;
  const end =
    (ending: OfferEnding) =>
    (line: OfferEnd): void => {
      const offer = pass.offer(line);
      const name = open.get(offer);
      if (name === undefined) return;
      open.delete(offer);
      ends[ending].push(line.t);
      let counts = byFramework.get(name);
      if (counts === undefined) {
        counts = { accepted: 0, declined: 0, rescinded: 0 };
        byFramework.set(name, counts);
      }
      counts[ending]++;
    };
  return foldOf({
    parts: [names],
    on: {
      'offer-sent': (line) => {
        sent++;
        open.set(pass.offer(line), nameOf(line) ?? line.frameworkId);
      },
      'offer-accepted': end('accepted'),
      'offer-declined': end('declined'),
      'offer-rescinded': end('rescinded'),
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
  });
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
