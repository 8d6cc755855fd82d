/** The wait of delay scheduling (NSDI'11 §6.3), the same for all that have one. */
import type { Millis } from '../mesos/driver/actor.ts';

/** Below this a wait counts as over: rounding of a real clock's fractions. */
const WAIT_EPSILON_MS = 1e-6;

/** How much is left of a wait of `waitMs` that began at `sinceMs`; 0 if it is over. */
export function localityWaitLeft(sinceMs: Millis, waitMs: Millis, nowMs: Millis): Millis {
  const leftMs = sinceMs + waitMs - nowMs;
  return leftMs > WAIT_EPSILON_MS ? leftMs : 0;
}
