/** First come, first served: no job is let in before all that stand before it. */
import type { Policy } from './policy.ts';

/** Jobs from the head of the queue on, up to the first that does not fit or is not ready. Slots may stay idle behind it. */
export const fcfs: Policy = ({ freeSlots, waiting }) => {
  let free = freeSlots;
  const next = waiting.findIndex(({ ready, ranks }) => {
    if (!ready || ranks > free) return true;
    free -= ranks;
    return false;
  });
  return next < 0 ? waiting : waiting.slice(0, next);
};
