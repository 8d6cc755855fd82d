/** Which task goes to which slot: first in, first out between stages; delay scheduling within one (NSDI'11 §5.3, §6.3). */
import type { Millis } from '../../../mesos/driver/actor.ts';
import { localityWaitLeft } from '../../localityWait.ts';
import type { Place } from './pendingTasks.ts';
import type { Stage } from './stage.ts';

/** A slave with free slots, while they are being filled. */
export interface OpenSite {
  /** What tasks may prefer here, what is in memory before what is on disk. */
  readonly places: readonly Place[];
  /** How many tasks still fit. */
  free: number;
  readonly tasks: { readonly stage: Stage; readonly partition: number }[];
}

/**
 * Fills slots, one task at a time on each slave in turn, so that tasks spread. A stage takes slots where its tasks want to be,
 * and for tasks that want to be nowhere any. Others it takes only if it has not had one that it prefers for `localityWaitMs`; until
 * then they are left to the next stage.
 *
 * Returns how long until the first of the stages that wait would take any slot; Infinity if none waits.
 */
export function place(
  stages: Iterable<Stage>,
  sites: readonly OpenSite[],
  nowMs: Millis,
  localityWaitMs: Millis,
): Millis {
  let slots = 0;
  for (const { free } of sites) slots += free;
  let waitLeftMs = Number.POSITIVE_INFINITY;

  const fill = (stage: Stage, take: (site: OpenSite) => number | undefined): number => {
    let placed = 0;
    for (let more = true; more && slots > 0; ) {
      more = false;
      for (const site of sites) {
        if (site.free === 0) continue;
        const partition = take(site);
        if (partition === undefined) continue;
        site.free--;
        slots--;
        site.tasks.push({ stage, partition });
        placed++;
        more = true;
      }
    }
    return placed;
  };

  for (const stage of stages) {
    if (slots === 0) break;
    if (!stage.isLaunchable) continue;
    const { pending } = stage;
    if (fill(stage, ({ places }) => pending.takeAt(places)) > 0) stage.preferredMs = nowMs;
    fill(stage, () => pending.takeUnplaced());
    if (slots === 0 || pending.size === 0) continue;
    stage.preferredMs ??= nowMs;
    const leftMs = localityWaitLeft(stage.preferredMs, localityWaitMs, nowMs);
    if (leftMs > 0) waitLeftMs = Math.min(waitLeftMs, leftMs);
    else fill(stage, () => pending.takeAny());
  }
  return waitLeftMs;
}
