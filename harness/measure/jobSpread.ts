/** How evenly jobs are served among frameworks that ask for the same. */
import type { Measure } from '../experiments/experiment.ts';
import type { Span } from './stepFunction.ts';

/**
 * Jobs that finished in the window, of the framework with the fewest and of the one with the most: `fewest (jobs)`, `most (jobs)`. All
 * frameworks that submitted a job by the end of the window count.
 */
export function jobSpread(window: Span): Measure {
  const finished = new Map<string, number>();
  return {
    observe(line) {
      if (line.t >= window.toMs) return;
      if (line.event === 'job-submitted') finished.set(line.framework, finished.get(line.framework) ?? 0);
      if (line.event === 'job-finished' && line.outcome === 'finished' && line.t >= window.fromMs)
        finished.set(line.framework, (finished.get(line.framework) ?? 0) + 1);
    },
    result: () => ({
      values:
        finished.size === 0
          ? {}
          : {
              'fewest (jobs)': Math.min(...finished.values()),
              'most (jobs)': Math.max(...finished.values()),
            },
    }),
  };
}
