/** How many tasks fit into an offer: the same for all frameworks with one executor for many tasks. */
import type { ExecutorInfo, Offer } from '../mesos/protocol/entities.ts';
import {
  contains,
  isEmpty,
  NOTHING,
  type Resources,
  subtract,
  timesContained,
} from '../mesos/protocol/resources.ts';
import type { JobNeeds } from './jobBoard.ts';

/** What of an offer tasks may have: all that their executor does not need, if it has yet to be started there; nothing if it cannot be. */
export function roomIn(
  { resources, executorIds }: Pick<Offer, 'resources' | 'executorIds'>,
  { executorId, resources: own }: Pick<ExecutorInfo, 'executorId' | 'resources'>,
): Resources {
  if (isEmpty(own) || executorIds.includes(executorId)) return resources;
  return contains(resources, own) ? subtract(resources, own) : NOTHING;
}

/** How many tasks that need a slot each fit into an offer, beside their executor. */
export function slotsIn(
  offer: Pick<Offer, 'resources' | 'executorIds'>,
  executor: Pick<ExecutorInfo, 'executorId' | 'resources'>,
  slot: Resources,
): number {
  return timesContained(roomIn(offer, executor), slot);
}

/** What so many slots are. */
export function slotsOf(slot: Resources, count: number): Resources {
  return Object.fromEntries(Object.entries(slot).map(([name, amount]) => [name, amount * count]));
}

/** What the jobs of a framework need, all of whose tasks have slots of one size beside one executor. */
export function needsOf({
  slot,
  executor,
}: {
  readonly slot: Resources;
  readonly executor: Pick<ExecutorInfo, 'resources'>;
}): JobNeeds {
  return { slot, ...(!isEmpty(executor.resources) && { executor: executor.resources }) };
}
