/** The jobs of a Hadoop instance, from the moment it is told of them: those to come, those at work, those that have ended. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { JobStatus } from '../jobBoard.ts';
import { countTasks, type HadoopJob, sourcesOf } from './job.ts';
import type { JobInProgress } from './jobInProgress.ts';
import { countBuiltIn, countersOf, type JobSummary, userCountersOf } from './jobSummary.ts';

/** Most jobs that have ended and are still shown, in an instance that goes on. Older ones are forgotten. */
export const ENDED_JOBS_MAX = 1000;

/** Of jobs that have ended, so many tasks are remembered, so that jobs that come later can read what they wrote. */
const READABLE_TASKS_MAX = 200_000;

/** A job that an instance was told of. */
export interface JobEntry {
  readonly spec: HadoopJob;
  /** When it was submitted, or, as long as that is to come, when the instance was told of it. */
  submittedMs: Millis;
  /** Kept from being started, by somebody's wish. */
  held: boolean;
  state: /** It is submitted at a time to come, or when another job has ended. */
    | {
        readonly is: 'expected';
        /** It would begin, but for this job, whose output it reads. */
        readonly waitsFor?: string;
      }
    | { readonly is: 'active'; readonly job: JobInProgress }
    | {
        readonly is: 'ended';
        readonly endedMs: Millis;
        readonly startedMs: Millis | undefined;
        readonly tasks: { readonly total: number; readonly finished: number };
        readonly summary: JobSummary;
        /** If others read, or may come to read, what it wrote. */
        readonly job: JobInProgress | undefined;
      };
}

/** All jobs, in the order in which the instance was told of them. */
export class JobRoster {
  readonly #entries = new Map<string, JobEntry>();
  /** Those of them that are at work: few, where there may be thousands. By id. */
  readonly #active = new Map<string, JobInProgress>();
  /** Jobs that are submitted when another ends, by its id. */
  readonly #followers = new Map<string, JobEntry[]>();
  /** Jobs whose output others read. */
  readonly #sources = new Set<string>();
  #ended = 0;
  readonly #endedMax: number;

  /** With a limit, jobs that ended long ago are forgotten. */
  constructor(endedMax: number = Number.POSITIVE_INFINITY) {
    this.#endedMax = endedMax;
  }

  /** How many jobs have not ended. */
  get unended(): number {
    return this.#entries.size - this.#ended;
  }

  /** Takes a job. The caller has checked it. */
  add(spec: HadoopJob, nowMs: Millis): JobEntry {
    const entry: JobEntry = { spec, submittedMs: nowMs, held: false, state: { is: 'expected' } };
    this.#entries.set(spec.id, entry);
    for (const source of sourcesOf(spec)) this.#sources.add(source);
    if (spec.submission.when === 'after') {
      const followers = this.#followers.get(spec.submission.jobId) ?? [];
      followers.push(entry);
      this.#followers.set(spec.submission.jobId, followers);
    }
    return entry;
  }

  /** The job of that id. */
  get(id: string): JobEntry | undefined {
    return this.#entries.get(id);
  }

  /** All jobs that are remembered. */
  entries(): Iterable<JobEntry> {
    return this.#entries.values();
  }

  /** Jobs that are submitted and have not ended, in the order of that. */
  active(): MapIterator<JobInProgress> {
    return this.#active.values();
  }

  /** Jobs that have ended, and whose output is or may be read. */
  *readable(): Generator<JobInProgress, void, void> {
    for (const { state } of this.#entries.values())
      if (state.is === 'ended' && state.job !== undefined) yield state.job;
  }

  /** A job is submitted, and at work. */
  start(entry: JobEntry, job: JobInProgress): void {
    entry.state = { is: 'active', job };
    this.#active.set(entry.spec.id, job);
  }

  /** A job that has ended is at work again. */
  reopen(entry: JobEntry, job: JobInProgress): void {
    this.start(entry, job);
    this.#ended -= 1;
  }

  /** Notes that a job has ended. Returns those that were waiting for that. */
  end(entry: JobEntry, summary: JobSummary, nowMs: Millis): readonly JobEntry[] {
    const { state, spec } = entry;
    if (state.is === 'ended') return [];
    this.#active.delete(spec.id);
    const job = state.is === 'active' ? state.job : undefined;
    const finished = (job?.mapsFinished ?? 0) + (job?.reducesFinished ?? 0);
    const tasks = { total: job === undefined ? countTasks(spec) : countAll(job), finished };
    const isRead = this.#endedMax !== Number.POSITIVE_INFINITY || this.#sources.has(spec.id);
    const own = isRead && summary.outcome === 'finished' ? job : undefined;
    entry.state = { is: 'ended', endedMs: nowMs, startedMs: job?.startedMs, tasks, summary, job: own };
    if (this.#endedMax !== Number.POSITIVE_INFINITY) this.#forgetTasks();
    this.#ended += 1;
    const followers = this.#followers.get(spec.id) ?? [];
    this.#followers.delete(spec.id);
    if (this.#ended > this.#endedMax) this.#forgetOldest();
    return followers;
  }

  /** What became of those that have ended. */
  summaries(): readonly JobSummary[] {
    return [...this.#entries.values()].flatMap(({ state }) => (state.is === 'ended' ? [state.summary] : []));
  }

  /** Where all jobs stand. */
  statuses(): readonly JobStatus[] {
    return [...this.#entries.values()].map(statusOf);
  }

  /** Old jobs can be read no more, unless one is waiting to. */
  #forgetTasks(): void {
    const read = new Set<string>();
    let tasks = 0;
    for (const { spec, state } of this.#entries.values()) {
      if (state.is === 'ended') tasks += state.job === undefined ? 0 : state.tasks.total;
      else for (const source of sourcesOf(spec)) read.add(source);
    }
    for (const entry of this.#entries.values()) {
      if (tasks <= READABLE_TASKS_MAX) return;
      const { spec, state } = entry;
      if (state.is !== 'ended' || state.job === undefined || read.has(spec.id)) continue;
      tasks -= state.tasks.total;
      entry.state = { ...state, job: undefined };
    }
  }

  #forgetOldest(): void {
    for (const [id, { state }] of this.#entries)
      if (state.is === 'ended') {
        this.#entries.delete(id);
        this.#ended -= 1;
        return;
      }
  }
}

const countAll = ({ maps, reduces }: JobInProgress): number => maps.length + reduces.length;

function statusOf({ spec, submittedMs, held, state }: JobEntry): JobStatus {
  const { id, kind, submission } = spec;
  const about = { id, kind, submittedMs };
  const waiting = held ? 'held' : 'waiting';
  switch (state.is) {
    case 'expected': {
      const total = countTasks(spec);
      if (state.waitsFor !== undefined) {
        const waits = `it waits for the output of job '${state.waitsFor}'`;
        return { ...about, phase: waiting, tasks: { total, running: 0, finished: 0 }, message: waits };
      }
      const message =
        submission.when === 'after'
          ? `it is submitted when job '${submission.jobId}' has ended`
          : 'its time has not come';
      return { ...about, phase: waiting, tasks: { total, running: 0, finished: 0 }, message };
    }
    case 'active': {
      const { startedMs, running, mapsFinished, reducesFinished } = state.job;
      const total = countAll(state.job);
      return {
        ...about,
        phase: startedMs === undefined ? waiting : 'running',
        ...(startedMs !== undefined && { startedMs }),
        tasks: { total, running, finished: mapsFinished + reducesFinished },
        counters: countersOf({ counters: countBuiltIn(state.job), ...userCountersOf(state.job) }),
      };
    }
    case 'ended': {
      const { startedMs, endedMs, tasks, summary } = state;
      const { outcome, message } = summary;
      return {
        ...about,
        phase: outcome,
        ...(startedMs !== undefined && { startedMs }),
        endedMs,
        tasks: { ...tasks, running: 0 },
        ...(message !== undefined && { message }),
        ...(summary.counters !== undefined && { counters: countersOf(summary) }),
      };
    }
    default:
      return state satisfies never;
  }
}
