/** Which running tasks of a job are to get a copy beside them, by the policy of the instance (speculation.ts). */
import type { Millis } from '../../mesos/driver/actor.ts';
import { type JobInProgress, NO_COPIES, type WantedCopies } from './jobInProgress.ts';
import type { ActiveSpeculation } from './speculation.ts';
import type { Attempt, Task } from './task.ts';

/** How many copies there may be at a time beside so many attempts, copies included. */
export function copiesMax({ shareMax }: ActiveSpeculation, running: number): number {
  return Math.max(1, Math.floor(shareMax * running));
}

/** The copies that a job is to get, at most so many. It gets none while tasks of the same kind wait. */
export function wantCopies(
  job: JobInProgress,
  policy: ActiveSpeculation,
  nowMs: Millis,
  most: number,
): WantedCopies {
  if (job.phase !== 'running' || job.hasPending || most <= 0) return NO_COPIES;
  const kind = job.mapsDone ? job.reduces : job.maps;
  const candidates = kind.filter(
    ({ state, live }) =>
      state === 'running' && live.length === 1 && nowMs - (live[0]?.launchedMs ?? nowMs) >= policy.ageMinMs,
  );
  if (candidates.length === 0) return NO_COPIES;
  switch (policy.policy) {
    case 'hadoop':
      return { tasks: laggards(kind, candidates, policy.gap).slice(0, most), slowHosts: new Set() };
    case 'late': {
      const pace = paceOf(kind, nowMs);
      const slowTask = quantile(pace.rates, policy.slowTaskFraction);
      const hostRates = [...pace.byHost.values()].map(({ done, ms }) => done / ms);
      const slowHost = quantile(hostRates, policy.slowNodeFraction);
      const tasks = candidates
        .map((task) => ({ task, ...prospect(task.live[0] as Attempt, nowMs) }))
        .filter(({ rate, leftMs }) => rate < slowTask && leftMs > pace.typicalMs)
        .sort((a, b) => b.leftMs - a.leftMs || a.task.index - b.task.index)
        .slice(0, most)
        .map(({ task }) => task);
      const slowHosts = [...pace.byHost].flatMap(([host, { done, ms }]) =>
        done / ms < slowHost ? [host] : [],
      );
      return { tasks, slowHosts: new Set(slowHosts) };
    }
    default:
      return policy satisfies never;
  }
}

/** Those that are so far behind the average progress, the furthest first. */
function laggards(kind: readonly Task[], candidates: readonly Task[], gap: number): readonly Task[] {
  const average = kind.reduce((sum, task) => sum + progressOf(task), 0) / kind.length;
  return candidates
    .filter((task) => average - progressOf(task) >= gap)
    .sort((a, b) => progressOf(a) - progressOf(b) || a.index - b.index);
}

function progressOf({ state, live }: Task): number {
  if (state === 'finished') return 1;
  return live.reduce((most, { progress }) => Math.max(most, progress), 0);
}

/** How fast an attempt has gone, in its whole per millisecond, and when it ends if it goes on like that. */
function prospect(
  { progress, launchedMs }: Attempt,
  nowMs: Millis,
): { readonly rate: number; readonly leftMs: Millis } {
  const ageMs = Math.max(1, nowMs - launchedMs);
  return {
    rate: progress / ageMs,
    leftMs: progress > 0 ? ((1 - progress) * ageMs) / progress : Number.POSITIVE_INFINITY,
  };
}

/** How tasks of one kind have gone, finished or running. */
interface Pace {
  /** Of each, in its whole per millisecond. */
  readonly rates: readonly number[];
  /** Wholes that each host has done, and the time that it took for them. */
  readonly byHost: ReadonlyMap<string, { readonly done: number; readonly ms: Millis }>;
  /** Median length of the finished ones; of the expected lengths, if none has finished. */
  readonly typicalMs: Millis;
}

function paceOf(kind: readonly Task[], nowMs: Millis): Pace {
  const rates: number[] = [];
  const took: number[] = [];
  const expected: number[] = [];
  const byHost = new Map<string, { done: number; ms: Millis }>();
  const note = (host: string, done: number, ms: Millis): void => {
    rates.push(done / ms);
    const sum = byHost.get(host) ?? { done: 0, ms: 0 };
    byHost.set(host, { done: sum.done + done, ms: sum.ms + ms });
  };
  for (const { state, host, tookMs, live } of kind) {
    if (state === 'finished' && host !== undefined && tookMs !== undefined) {
      const ms = Math.max(1, tookMs);
      took.push(ms);
      note(host, 1, ms);
    }
    for (const attempt of live) {
      const { leftMs } = prospect(attempt, nowMs);
      const ageMs = Math.max(1, nowMs - attempt.launchedMs);
      expected.push(ageMs + leftMs);
      note(attempt.host, attempt.progress, ageMs);
    }
  }
  return { rates, byHost, typicalMs: quantile(took.length > 0 ? took : expected, 0.5) };
}

/** The value below which a fraction of them lies, linear between two; 0 of none. */
function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = fraction * (sorted.length - 1);
  const [low = 0, high = low] = sorted.slice(Math.floor(place));
  const part = place % 1;
  // Some are infinite.
  return part === 0 || high === low ? low : low + part * (high - low);
}
