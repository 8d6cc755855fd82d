/** First come, first served: no job is let in before all that stand before it. */
import type { Policy, QueueView, WaitingJob } from './policy.ts';

/** Jobs from the head of the queue on, up to the first that does not fit or backs off. Slots may stay idle behind it. */
export const fcfs: Policy = <W extends WaitingJob>({ freeSlots, waiting }: QueueView<W>): readonly W[] => {
  const chosen: W[] = [];
  let free = freeSlots;
  for (const job of waiting) {
    if (job.state === 'backing-off' || job.ranks > free) break;
    free -= job.ranks;
    chosen.push(job);
  }
  return chosen;
};
