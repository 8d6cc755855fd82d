/** How soon every slot is with the framework that prefers it (NSDI'11 §4.3). */
import type { Measure } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { foldOf } from './fold.ts';
import { heldBy } from './heldBy.ts';

/** What to look at. */
export interface Convergence {
  /** Does the framework prefer the slave? */
  readonly prefers: (framework: string, hostname: string) => boolean;
  /** Slots of the cluster, of one CPU each. */
  readonly slots: number;
  /** When frameworks begin to take slots that they prefer only. */
  readonly fromMs: number;
  /** T: mean length of tasks. */
  readonly meanTaskMs: number;
  /** No task is longer than this, in T; undefined if there is no such bound. */
  readonly longest: number | undefined;
}

/** Over how many T, and at how many points of each, the curve goes. */
const SPAN = 3;
const POINTS = 50;

/** A curve, and when all slots were with those that prefer them, for the first time. */
export function convergence(what: Convergence): () => Measure {
  const { prefers, slots, fromMs, meanTaskMs, longest } = what;
  return () => {
    const fold = heldBy((framework, hostname) => (prefers(framework, hostname) ? 'right' : undefined));
    let convergedMs: number | undefined;
    return foldOf({
      parts: [fold],
      on: {
        every: ({ t }) => {
          const right = fold.result().get('right')?.value ?? 0;
          if (convergedMs === undefined && t >= fromMs && right >= slots) convergedMs = t;
        },
      },
      result() {
        const stepMs = meanTaskMs / POINTS;
        const means =
          fold
            .result()
            .get('right')
            ?.means({ fromMs, toMs: fromMs + SPAN * meanTaskMs }, stepMs) ?? [];
        const converged = convergedMs === undefined ? undefined : (convergedMs - fromMs) / meanTaskMs;
        return {
          values: { ...(converged !== undefined && { 'converged after (T)': converged }) },
          curves: {
            'slots with those that prefer them (%)': {
              x: means.map((_, n) => (n + 0.5) / POINTS),
              y: means.map((mean) => (100 * mean) / slots),
            },
          },
          checks: longest === undefined ? [] : [inTime(converged, longest)],
        };
      },
    });
  };
}

/** What messages take, in T. */
const LATENCY = 0.001;

function inTime(converged: number | undefined, longest: number): Check {
  return {
    id: 'converges-in-time',
    claim: 'All slots were with frameworks that prefer them no later than after the longest task.',
    verdict: converged !== undefined && converged <= longest + LATENCY ? 'passed' : 'failed',
    detail:
      converged === undefined
        ? 'never'
        : `after ${converged.toFixed(3)} T; the longest task takes ${longest} T`,
  };
}
