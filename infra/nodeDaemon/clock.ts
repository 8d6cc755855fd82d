/** How far the clock of another machine is ahead of ours, by asking it (as NTP does), and how wrong that may be. */
import type { ClockOffset } from '../machine.ts';

/** One question about the time; all in milliseconds since the epoch, each on the clock of whoever did it. */
export interface ClockRound {
  readonly askedMs: number;
  /** Read by the other one, at some moment between the two. */
  readonly theirsMs: number;
  readonly answeredMs: number;
}

/** What a reading of the clock may be wrong by. */
const READING_ERROR_MS = 0.01;

/**
 * The offset that several rounds allow. Each says that it lies between two bounds; what they agree on is narrower than any of them.
 * If they do not agree, since a clock was set meanwhile, the last round alone counts. Throws without any round.
 */
export function offsetOf(rounds: readonly ClockRound[]): ClockOffset {
  const last = rounds.at(-1);
  if (last === undefined) throw new RangeError('no round trip to tell the offset of a clock by');
  const low = Math.max(...rounds.map(({ theirsMs, answeredMs }) => theirsMs - answeredMs));
  const high = Math.min(...rounds.map(({ theirsMs, askedMs }) => theirsMs - askedMs));
  // Rounds that took hardly any time may miss each other by what a reading is wrong by.
  if (low - high > 2 * READING_ERROR_MS && rounds.length > 1) return offsetOf([last]);
  return { offsetMs: (low + high) / 2, errorMs: Math.max(0, high - low) / 2 + READING_ERROR_MS };
}

/** How often to watch the clock tick: a process that has to wait for a processor meanwhile sees a tick too late. */
const TICKS_MAX = 5;
/** A tick that is seen within this time is good enough. */
const TICK_SEEN_MS = 0.01;

/**
 * A clock on the wall that is precise to some microseconds: the system's own tells whole milliseconds only, so it is watched for a
 * few ticks. Good for some seconds; later it may differ, since the system's is corrected all the time.
 */
export function preciseClock(): () => number {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let ticks = 0; ticks < TICKS_MAX && !(high - low < TICK_SEEN_MS); ticks += 1) {
    const { tickMs, afterMs, beforeMs } = watchTick();
    low = Math.max(low, tickMs - beforeMs);
    high = Math.min(high, tickMs - afterMs);
  }
  const originMs = (low + high) / 2;
  return () => originMs + performance.now();
}

/** Waits for the clock to tick. It did between these two times of the process's own clock. */
function watchTick(): { readonly tickMs: number; readonly afterMs: number; readonly beforeMs: number } {
  let afterMs = performance.now();
  const first = Date.now();
  for (;;) {
    const askedMs = performance.now();
    const tickMs = Date.now();
    if (tickMs !== first) return { tickMs, afterMs, beforeMs: performance.now() };
    afterMs = askedMs;
  }
}
