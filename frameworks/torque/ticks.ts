/** Things that are done at fixed intervals, and only when there is something to do. */
import type { Clock, Millis } from '../../mesos/driver/actor.ts';

/**
 * Answers a function that asks for `run`: at the next multiple of the interval since the clock's zero, however often it is asked
 * until then; at once if the interval is 0.
 */
export function ticks(clock: Clock, intervalMs: Millis, run: () => void): () => void {
  if (intervalMs === 0) return run;
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    clock.after(intervalMs - (clock.now() % intervalMs), () => {
      asked = false;
      run();
    });
  };
}
