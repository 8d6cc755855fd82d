/** How long something takes on the clock on the wall, and how busy the machine is meanwhile. */
import { cpus } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';

/** A span of wall time that has ended. */
export interface WallTime {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly wallSeconds: number;
  /** Fraction of all processors' time that was not idle. */
  readonly cpuBusy: number;
}

/** Starts to measure. */
export function wallClock(): { stop(): WallTime } {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const before = processorTimes();
  return {
    stop() {
      const after = processorTimes();
      const total = after.total - before.total;
      return {
        startedAt,
        wallSeconds: Math.round(performance.now() - start) / 1000,
        cpuBusy: total > 0 ? 1 - (after.idle - before.idle) / total : 0,
      };
    },
  };
}

/** Milliseconds since the epoch, as the histories of this machine's processes count them: they do not jump when the clock is set. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves after so long. Rejects with the reason if it is told to stop before. */
export async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal: stopping }).catch(() => stopping.throwIfAborted());
}

/** What the work comes to; undefined if it takes longer than this. Rejects with the reason if it is told to stop before. */
export async function within<T>(
  limitMs: number,
  stopping: AbortSignal,
  work: Promise<T>,
): Promise<T | undefined> {
  const done = new AbortController();
  const tooLong = pause(limitMs, AbortSignal.any([stopping, done.signal])).then(() => undefined);
  // When the work has ended, nobody waits for it.
  tooLong.catch(() => {});
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    done.abort();
  }
}

function processorTimes(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
