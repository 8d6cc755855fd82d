/** A machine of slots with a queue before it, for tests of policies: nothing takes time but the jobs. */
import type { Policy, QueueView, WaitingJob } from './policy.ts';

/** A job of the queue; it must not run longer than its wall time. */
export interface QueuedJob {
  readonly submitMs: number;
  readonly ranks: number;
  readonly runMs: number;
  readonly wallTimeMs: number;
}

interface Waiting extends WaitingJob {
  readonly job: number;
}

/** A policy's answer at a moment, with the places of jobs in the list. */
export interface Decision {
  readonly view: QueueView<Waiting> & { readonly waiting: readonly Waiting[] };
  readonly started: readonly number[];
}

/** Serves the jobs, which are in the order of submission. Returns when each started, in milliseconds, and tells of each decision. */
export function serve(
  policy: Policy,
  slots: number,
  jobs: readonly QueuedJob[],
  decided: (decision: Decision) => void = () => {},
): readonly number[] {
  const startMs: number[] = [];
  const waiting: Waiting[] = [];
  const running = new Map<number, QueuedJob & { readonly startMs: number }>();
  let submitted = 0;
  const endOf = ({ startMs: at, runMs }: { startMs: number; runMs: number }): number => at + runMs;
  while (submitted < jobs.length || waiting.length > 0) {
    const next = jobs[submitted]?.submitMs ?? Number.POSITIVE_INFINITY;
    const nowMs = Math.min(next, ...[...running.values()].map(endOf));
    if (nowMs === Number.POSITIVE_INFINITY) throw new Error('jobs wait, and nothing will happen any more');
    for (const [job, run] of running) if (endOf(run) <= nowMs) running.delete(job);
    for (let job = jobs[submitted]; job !== undefined && job.submitMs <= nowMs; job = jobs[++submitted])
      waiting.push({ job: submitted, state: 'queued', ranks: job.ranks, wallTimeMs: job.wallTimeMs });
    const taken = [...running.values()].map((run) => ({
      slots: run.ranks,
      endsMs: run.startMs + run.wallTimeMs,
    }));
    const freeSlots = taken.reduce((free, run) => free - run.slots, slots);
    const view = { nowMs, freeSlots, waiting: [...waiting], gathering: [], taken };
    const started = policy(view).map(({ job }) => job);
    decided({ view, started });
    for (const job of started) {
      startMs[job] = nowMs;
      running.set(job, { ...(jobs[job] as QueuedJob), startMs: nowMs });
      waiting.splice(
        waiting.findIndex((other) => other.job === job),
        1,
      );
    }
  }
  return startMs;
}
