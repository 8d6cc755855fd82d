/** First fit: each job that fits is let in, whoever waits before it. */
import { type Policy, type QueueView, slotsOf, type WaitingJob } from './policy.ts';

/**
 * Those that gather, and all that fit beside them, in the order of the queue. Nothing is set aside for those that do not: a large job waits until enough is
 * free at once, which may be never as long as smaller ones keep coming.
 */
export const firstFit: Policy = <W extends WaitingJob>(view: QueueView<W>): readonly W[] => {
  const chosen = [...view.gathering];
  let free = view.freeSlots - slotsOf(chosen);
  for (const job of view.waiting) {
    if (free <= 0) break;
    if (job.state !== 'queued' || job.ranks > free) continue;
    free -= job.ranks;
    chosen.push(job);
  }
  return chosen;
};
