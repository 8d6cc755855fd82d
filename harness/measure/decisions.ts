/** How busy schedulers are that take their time to decide. */
import type { Measure } from '../experiments/experiment.ts';
import { foldOf } from './fold.ts';
import type { Span } from './stepFunction.ts';

/**
 * Of each framework whose scheduler records its decisions, in the window: `NAME busy (%)`, the part of the time in which it was
 * deciding; `NAME decisions (decisions)`; `NAME for nothing (%)`, those that placed no task.
 */
export function decisions(window: Span): Measure {
  const byName = new Map<string, { busyMs: number; made: number; forNothing: number }>();
  return foldOf({
    on: {
      'job-decided': (line) => {
        const busyMs = Math.min(line.t, window.toMs) - Math.max(line.t - line.tookMs, window.fromMs);
        if (busyMs < 0) return;
        const before = byName.get(line.framework) ?? { busyMs: 0, made: 0, forNothing: 0 };
        byName.set(line.framework, before);
        before.busyMs += busyMs;
        before.made++;
        if (line.tasks === 0) before.forNothing++;
      },
    },
    result() {
      const values: Record<string, number> = {};
      for (const [name, { busyMs, made, forNothing }] of byName) {
        values[`${name} busy (%)`] = (100 * busyMs) / (window.toMs - window.fromMs);
        values[`${name} decisions (decisions)`] = made;
        values[`${name} for nothing (%)`] = (100 * forNothing) / made;
      }
      return { values };
    },
  });
}
