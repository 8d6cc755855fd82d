/** How evenly jobs are served among frameworks that ask for the same. */
import type { Measure } from '../experiments/experiment.ts';
import { foldOf } from './fold.ts';
import type { Span } from './stepFunction.ts';

/**
 * Jobs that finished in the window, of the framework with the fewest and of the one with the most: `fewest (jobs)`, `most (jobs)`. All
 * frameworks that submitted a job by the end of the window count.
 */
export function jobSpread(window: Span): Measure {
  const finished = new Map<string, number>();
  return foldOf({
    on: {
      'job-submitted': ({ t, framework }) => {
        if (t < window.toMs) finished.set(framework, finished.get(framework) ?? 0);
      },
      'job-finished': ({ t, framework, outcome }) => {
        if (outcome === 'finished' && t >= window.fromMs && t < window.toMs)
          finished.set(framework, (finished.get(framework) ?? 0) + 1);
      },
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
  });
}
