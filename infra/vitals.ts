/** What a process says of itself: processor time, memory, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A process, as it is and as it was since it was looked at last. */
export interface Vitals {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Processor time, user and system, since the process started. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Of the JavaScript heap, what is in use; with garbage that has not been collected yet. */
  readonly heapBytes: number;
  /** How much later than it should the event loop came to its timers, since the last look. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Steps in which the delay of the event loop is measured. A step is no delay. */
const STEP_MS = 5;

/** Starts to look after this process. */
export function startVitals(): { take(): Vitals } {
  const histogram = monitorEventLoopDelay({ resolution: STEP_MS });
  histogram.enable();
  const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - STEP_MS);
  return {
    take() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      const loopDelayMs = {
        p50: delayMs(histogram.percentile(50)),
        p99: delayMs(histogram.percentile(99)),
        max: delayMs(histogram.max),
      };
      histogram.reset();
      return {
        atMs: performance.timeOrigin + performance.now(),
        cpuMs: (user + system) / 1000,
        rssBytes: rss,
        heapBytes: heapUsed,
        loopDelayMs,
      };
    },
  };
}
