/** How long a framework's jobs wait for their first slot, and which of its tasks were ended because their time was up. */
import type { Measure } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { mean } from '../statistics/mean.ts';
import { quantile } from '../statistics/quantile.ts';
import { foldOf } from './fold.ts';
import { jobRuns } from './jobs.ts';
import type { Span } from './stepFunction.ts';

/** Waits of the jobs that were submitted in the span and started, and how long the jobs took that ended. */
export function waits(framework: string, span: Span): () => Measure {
  return () => {
    const fold = jobRuns();
    return foldOf({
      parts: [fold],
      result() {
        const jobs = (fold.result().get(framework) ?? []).filter(
          ({ intendedMs }) => intendedMs >= span.fromMs && intendedMs < span.toMs,
        );
        const waited = jobs.flatMap(({ startedMs, intendedMs }) =>
          startedMs === null ? [] : (startedMs - intendedMs) / 1000,
        );
        const took = jobs.flatMap(({ endedMs, intendedMs }) =>
          endedMs === null ? [] : (endedMs - intendedMs) / 1000,
        );
        return {
          values: {
            [`jobs of ${framework} (count)`]: jobs.length,
            [`jobs of ${framework} that never started (count)`]: jobs.length - waited.length,
            ...(waited.length > 0 && {
              [`wait of ${framework}, mean (s)`]: mean(waited),
              [`wait of ${framework}, 95th percentile (s)`]: quantile(waited, 0.95),
            }),
            ...(took.length > 0 && { [`job of ${framework}, mean (s)`]: mean(took) }),
          },
        };
      },
    });
  };
}

/** Tasks whose time was up, by framework; none of them may have run longer than `limitMs`, but for what messages take. */
export function timesUp(frameworks: readonly string[], limitMs: number): () => Measure {
  return () => {
    const names = new Map<string, string>();
    const launched = new Map<string, number>();
    const counts = new Map(frameworks.map((name) => [name, 0]));
    let longestMs = 0;
    return foldOf({
      on: {
        'framework-registered': (line) => void names.set(line.frameworkId, line.name),
        'task-launched': (line) => void launched.set(`${line.frameworkId} ${line.taskId}`, line.t),
        'task-updated': (line) => {
          if (line.reason !== 'REASON_MAX_COMPLETION_TIME_REACHED') return;
          const name = names.get(line.frameworkId) ?? line.frameworkId;
          counts.set(name, (counts.get(name) ?? 0) + 1);
          const startMs = launched.get(`${line.frameworkId} ${line.taskId}`) ?? line.t;
          longestMs = Math.max(longestMs, line.t - startMs);
        },
      },
      result: () => ({
        values: Object.fromEntries(
          [...counts].map(([name, count]) => [`tasks of ${name} whose time was up (count)`, count]),
        ),
        checks: [inLimit(longestMs, limitMs)],
      }),
    });
  };
}

/** What messages take. */
const SLACK_MS = 10;

function inLimit(longestMs: number, limitMs: number): Check {
  return {
    id: 'ended-at-the-limit',
    claim: 'No task that was ended because its time was up had run longer than that.',
    verdict: longestMs <= limitMs + SLACK_MS ? 'passed' : 'failed',
    detail:
      longestMs === 0 ? 'there was none' : `the longest ran for ${longestMs.toFixed(1)} ms of ${limitMs} ms`,
  };
}
