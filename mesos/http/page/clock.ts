/** Time as the browser has it: the only file of the page that reads clocks and sets timers. */

/** Milliseconds since 1970. */
export type Millis = number;

/** The time of day. */
export const now = (): Millis => Date.now();

/** Runs something later; returns how to prevent it. */
export function after(delayMs: Millis, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

/** Runs something again and again; returns how to end that. */
export function every(periodMs: Millis, run: () => void): () => void {
  const timer = setInterval(run, periodMs);
  return () => clearInterval(timer);
}

/** Milliseconds of a clock that never goes back, for spans only. */
export const steady = (): Millis => performance.now();
