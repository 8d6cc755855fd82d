/** First fit: each job that fits is let in, whoever waits before it. */
import type { Policy } from './policy.ts';

/**
 * All jobs that fit, in the order of the queue. Nothing is set aside for those that do not: a large job waits until enough is
 * free at once, which may be never as long as smaller ones keep coming.
 */
export const firstFit: Policy = ({ freeSlots, waiting }) => {
  let free = freeSlots;
  return waiting.filter(({ ready, ranks }) => {
    if (!ready || ranks > free) return false;
    free -= ranks;
    return true;
  });
};
