/** What became of a framework's jobs, one after the other, on a cluster that others fill: when it got slots, and what it did with them. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { type Fold, foldOf } from './fold.ts';
import { type OfferEnd, onOfferEnd } from './offerEnding.ts';

/** One of its jobs, from its submission on. Each slave is one slot. */
export interface Arrival {
  /** How long it waited for each of its slots until that was first offered to it, in order. */
  readonly waitsMs: readonly number[];
  /** From submission to the end of the job. */
  readonly completionMs: number;
  /** Slot-time in which it ran tasks, and in which it had a slot in an offer that it had not answered. */
  readonly usedMs: number;
  readonly heldMs: number;
}

interface Running {
  readonly submittedMs: number;
  readonly waitsMs: number[];
  readonly slots: Set<string>;
  usedMs: number;
  heldMs: number;
}

/** Follows the jobs of a framework, which has one at a time; those that have ended are in the result. */
export function arrivals(name: string): Fold<readonly Arrival[]> {
  const ended: Arrival[] = [];
  let job: Running | undefined;
  let id: string | undefined;
  /** Since when it has an offer, or runs a task. */
  const offers = new Map<string, number>();
  const tasks = new Map<string, number>();
  const closeOffer = ({ offerId, t }: OfferEnd): void => {
    const sentMs = offers.get(offerId);
    if (sentMs === undefined) return;
    offers.delete(offerId);
    if (job !== undefined) job.heldMs += t - sentMs;
  };
  return foldOf({
    on: {
      'framework-registered': (line) => {
        if (line.name === name) id = line.frameworkId;
      },
      'job-submitted': (line) => {
        if (line.framework === name)
          job = { submittedMs: line.t, waitsMs: [], slots: new Set(), usedMs: 0, heldMs: 0 };
      },
      'offer-sent': (line) => {
        if (line.frameworkId !== id) return;
        offers.set(line.offerId, line.t);
        if (job === undefined || job.slots.has(line.slaveId)) return;
        job.slots.add(line.slaveId);
        job.waitsMs.push(line.t - job.submittedMs);
      },
      ...onOfferEnd(closeOffer),
      'task-launched': (line) => {
        if (line.frameworkId === id) tasks.set(line.taskId, line.t);
      },
      'task-updated': (line) => {
        if (line.frameworkId !== id || !isTerminal(line.state)) return;
        const launchedMs = tasks.get(line.taskId);
        if (launchedMs === undefined || job === undefined) return;
        tasks.delete(line.taskId);
        job.usedMs += line.t - launchedMs;
      },
      'job-finished': (line) => {
        if (line.framework !== name || job === undefined) return;
        const { submittedMs, waitsMs, usedMs, heldMs } = job;
        ended.push({ waitsMs, completionMs: line.t - submittedMs, usedMs, heldMs });
        job = undefined;
      },
    },
    result: () => ended,
  });
}
