/** The way of each job of a Hadoop instance: expected, submitted, set up, at work, cleaned up, ended; and who comes after it. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { needsOf } from '../slots.ts';
import { type HadoopConfig, type HadoopJob, sourcesOf } from './job.ts';
import { mendInputs } from './jobChains.ts';
import type { TrackedJobs } from './jobControl.ts';
import { JobInProgress } from './jobInProgress.ts';
import { mapInputs, sideInputs } from './jobInputs.ts';
import { ENDED_JOBS_MAX, type JobEntry, JobRoster } from './jobRoster.ts';
import { type JobFailure, type JobSummary, summarise } from './jobSummary.ts';
import { type Journal, type JournalRecord, type RememberedJob, replay } from './journal.ts';
import { Pools } from './pools.ts';
import type { Task } from './task.ts';

/** What else has to be done when a job goes on. */
export interface LifecycleHooks {
  /** Makes a change after which a job may have something to launch, or nothing any more. */
  change(job: JobInProgress, change: () => void): void;
  /** A job has ended; early: its tasks may run. */
  ended(job: JobInProgress, early: boolean): void;
  /** What became of a job, also of one that never began. */
  summed(summary: JobSummary): void;
  /** Jobs came or went. */
  settled(): void;
  /** All have ended, and no more are to come. */
  over(): void;
}

/** The jobs of an instance and where they stand. */
export class JobLifecycle {
  readonly roster: JobRoster;
  readonly #config: HadoopConfig;
  readonly #driver: Pick<SchedulerDriver, 'now' | 'after' | 'record'>;
  readonly #hooks: LifecycleHooks;
  readonly #pools: Pools;
  /** Jobs that would begin, but for the job of that id, whose output they read. */
  readonly #readers = new Map<string, JobEntry[]>();
  readonly #journal: Journal | undefined;
  readonly #records: readonly JournalRecord[];
  /** What a JobTracker before this one has left. */
  #remembered: ReadonlyMap<string, RememberedJob> = new Map();
  /** Jobs that the journal knows. */
  readonly #noted = new Set<string>();
  #state: 'new' | 'started' | 'over' = 'new';
  #submitted = 0;

  constructor(
    config: HadoopConfig,
    driver: Pick<SchedulerDriver, 'now' | 'after' | 'record'>,
    hooks: LifecycleHooks,
    journal?: Journal,
  ) {
    this.#config = config;
    this.#driver = driver;
    this.#hooks = hooks;
    this.#pools = new Pools(config.scheduling);
    this.roster = new JobRoster(config.keepRunning ? ENDED_JOBS_MAX : undefined);
    const now = driver.now();
    for (const job of config.jobs) this.roster.add(job, now);
    this.#journal = journal;
    this.#records = journal?.load() ?? [];
    this.#remembered = replay(this.#records);
    for (const { spec } of this.#remembered.values())
      if (this.roster.get(spec.id) === undefined) this.roster.add(spec, now);
    for (const entry of this.roster.entries()) {
      const remembered = this.#rememberedOf(entry);
      if (remembered === undefined) continue;
      this.#noted.add(entry.spec.id);
      entry.held = remembered.held;
    }
  }

  /** Have all jobs ended, and are no more to come? */
  get over(): boolean {
    return this.#state === 'over';
  }

  /** Begins: times of submission count from now. `space`: of the framework among the files of the nodes. */
  start(space: string): void {
    this.#state = 'started';
    this.#remembered = replay(this.#records, space);
    this.#journal?.append({ kind: 'began', space });
    for (const entry of [...this.roster.entries()]) this.#expect(entry);
    this.#endIfDone();
  }

  /** All tasks of a job have finished. */
  cleanUp(job: JobInProgress): void {
    job.phase = 'cleaning-up';
    this.#afterHalfSetUp(job.spec, () => this.endJob(job));
  }

  /** Ends a job, with the reason if it did not finish. */
  endJob(job: JobInProgress, failure?: JobFailure): void {
    const entry = this.roster.get(job.spec.id);
    if (entry !== undefined && job.phase !== 'ended') this.#end(entry, failure);
  }

  /** Blocks a job as long as something that it reads is missing, and has that made again. */
  mend(job: JobInProgress): void {
    mendInputs(job, {
      change: (other, change) => this.#hooks.change(other, change),
      reopen: (other, lost) => this.#reopen(other, lost),
      fail: (other, message) => this.endJob(other, { outcome: 'failed', message }),
    });
  }

  /** A host is gone, and with it what jobs that have ended wrote there. Those at work have been told already. */
  loseHost(host: string): void {
    for (const job of this.roster.readable()) job.loseHostAfterEnd(host);
    for (const job of [...this.roster.active()]) this.mend(job);
  }

  /** Ends all jobs, and nothing hangs on that any more. */
  abort(message: string): void {
    this.#state = 'over';
    for (const entry of [...this.roster.entries()]) this.#recordEnd(entry, { outcome: 'failed', message });
  }

  /** What its control may do. */
  controlled(): TrackedJobs {
    return {
      roster: this.roster,
      needs: needsOf(this.#config),
      closed: () =>
        this.over ? `Hadoop '${this.#config.name}' has ended and takes no more jobs.` : undefined,
      take: (spec) => {
        this.#note(spec);
        const entry = this.roster.add(spec, this.#driver.now());
        if (this.#state === 'started') this.#expect(entry);
      },
      delete: (entry) => {
        if (!this.#noted.has(entry.spec.id)) this.#note(entry.spec);
        this.#end(entry, { outcome: 'deleted', message: 'it was deleted' });
        this.#hooks.settled();
      },
      setHeld: (entry, held) => {
        if (!this.#noted.has(entry.spec.id)) this.#note(entry.spec);
        this.#journal?.append({ kind: 'job-held', jobId: entry.spec.id, held });
        entry.held = held;
        const { state } = entry;
        if (state.is !== 'active') return;
        this.#hooks.change(state.job, () => {
          state.job.held = held;
        });
        this.#hooks.settled();
      },
    };
  }

  /** Lets a job be submitted when its time comes; one that waits for another, when that has ended. */
  #expect(entry: JobEntry): void {
    const { submission } = entry.spec;
    const { isSubmitted = false, end } = this.#rememberedOf(entry) ?? {};
    if (isSubmitted || end !== undefined) this.#submit(entry, this.#driver.now());
    else if (submission.when === 'at') this.#submitAt(entry, this.#driver.now() + submission.ms);
    else if (this.roster.get(submission.jobId)?.state.is === 'ended')
      this.#submitAt(entry, this.#driver.now() + submission.delayMs);
  }

  #submitAt(entry: JobEntry, intendedMs: Millis): void {
    const delayMs = intendedMs - this.#driver.now();
    if (delayMs <= 0) this.#submit(entry, intendedMs);
    else this.#driver.after(delayMs, () => this.#submit(entry, intendedMs));
  }

  #submit(entry: JobEntry, intendedMs: Millis): void {
    if (this.over || entry.state.is !== 'expected') return;
    const { spec } = entry;
    const remembered = this.#rememberedOf(entry);
    if (remembered?.end !== undefined && remembered.end.outcome !== 'finished') {
      const { outcome, message = 'it had ended before' } = remembered.end;
      return this.#end(entry, { outcome, message });
    }
    const sources = new Map<string, JobInProgress>();
    for (const id of sourcesOf(spec)) {
      const state = this.roster.get(id)?.state;
      if (state?.is === 'expected' || state?.is === 'active') {
        entry.state = { is: 'expected', waitsFor: id };
        this.#readers.set(id, [...(this.#readers.get(id) ?? []), entry]);
        return;
      }
      if (state?.job === undefined || state.summary.outcome !== 'finished') {
        const { outcome = 'finished' } = state?.summary ?? {};
        const why = { finished: 'ended too long ago', failed: 'has failed', deleted: 'was deleted' }[outcome];
        return this.#end(entry, { outcome: 'failed', message: `job '${id}', whose output it reads, ${why}` });
      }
      sources.set(id, state.job);
    }
    const jobOf = (id: string): JobInProgress => sources.get(id) as JobInProgress;
    const job = new JobInProgress(spec, {
      ...{ order: this.#submitted, intendedMs, held: entry.held, pool: this.#pools.of(spec) },
      ...{ inputs: mapInputs(spec, jobOf), side: sideInputs(spec, jobOf) },
    });
    this.#submitted += 1;
    this.roster.start(entry, job);
    entry.submittedMs = intendedMs;
    this.#recordSubmission(job, job.maps.length + job.reduces.length, intendedMs);
    if (remembered?.isSubmitted !== true) this.#noteSubmission(spec);
    else if (this.#restore(job, remembered)) return;
    this.#afterHalfSetUp(spec, () => {
      if (job.phase !== 'setting-up') return;
      this.#hooks.change(job, () => {
        job.phase = 'running';
      });
      this.mend(job);
      this.#hooks.settled();
    });
  }

  /** Has the journal know of a job that is still to come. */
  #note(spec: HadoopJob): void {
    this.#journal?.append({ kind: 'job-taken', job: spec, isExpected: true });
    this.#noted.add(spec.id);
  }

  #noteSubmission(spec: HadoopJob): void {
    if (this.#noted.has(spec.id)) this.#journal?.append({ kind: 'job-submitted', jobId: spec.id });
    else this.#journal?.append({ kind: 'job-taken', job: spec });
    this.#noted.add(spec.id);
  }

  /** What is known of a job from before, if it is the same. */
  #rememberedOf({ spec }: JobEntry): RememberedJob | undefined {
    const known = this.#remembered.get(spec.id);
    return known !== undefined && JSON.stringify(known.spec) === JSON.stringify(spec) ? known : undefined;
  }

  /** Takes over what was done of a job before. Returns whether it has ended by that. */
  #restore(job: JobInProgress, { tasks, end }: RememberedJob): boolean {
    const finished = (type: Task['type'], index: number) => tasks.get(`${type} ${index}`);
    const all = [...job.maps, ...job.reduces].every(({ type, index }) => finished(type, index) !== undefined);
    const hasEnded = end !== undefined && all;
    if (hasEnded || job.reduces.length > 0) job.restore(finished, hasEnded);
    if (!hasEnded) return false;
    job.startedMs = this.#driver.now();
    this.endJob(job);
    return true;
  }

  /** A job that has finished makes again what is lost. To the history it is submitted once more. */
  #reopen(job: JobInProgress, lost: readonly Task[]): boolean {
    const entry = this.roster.get(job.spec.id);
    if (entry?.state.is !== 'ended' || entry.state.summary.outcome !== 'finished') return false;
    this.roster.reopen(entry, job);
    const before = job.mapsFinished + job.reducesFinished;
    this.#hooks.change(job, () => job.reopen(lost));
    this.#recordSubmission(job, before - job.mapsFinished - job.reducesFinished, this.#driver.now());
    return true;
  }

  #recordSubmission({ spec }: JobInProgress, tasks: number, intendedMs: Millis): void {
    const { id: jobId, kind } = spec;
    const about = { framework: this.#config.name, jobId, kind };
    this.#driver.record({ event: 'job-submitted', ...about, tasks, intendedMs });
  }

  #afterHalfSetUp({ program }: HadoopJob, run: () => void): void {
    const halfMs = program.type === 'model' ? program.setUpMs / 2 : 0;
    if (halfMs > 0) this.#driver.after(halfMs, run);
    else run();
  }

  #end(entry: JobEntry, failure?: JobFailure): void {
    if (this.over) return;
    const job = entry.state.is === 'active' ? entry.state.job : undefined;
    const { summary, followers } = this.#recordEnd(entry, failure);
    this.#journal?.append({
      ...{ kind: 'job-ended', jobId: entry.spec.id, outcome: failure?.outcome ?? 'finished' },
      ...(failure !== undefined && { message: failure.message }),
    });
    if (job !== undefined) this.#hooks.ended(job, failure !== undefined);
    if (summary !== undefined) this.#hooks.summed(summary);
    const now = this.#driver.now();
    for (const follower of followers)
      if (follower.spec.submission.when === 'after')
        this.#submitAt(follower, now + follower.spec.submission.delayMs);
    const readers = this.#readers.get(entry.spec.id) ?? [];
    this.#readers.delete(entry.spec.id);
    for (const reader of readers) this.#submit(reader, now);
    for (const active of [...this.roster.active()]) if (active.blocked) this.mend(active);
    this.#hooks.settled();
    this.#endIfDone();
  }

  #recordEnd(
    entry: JobEntry,
    failure: JobFailure | undefined,
  ): { readonly summary?: JobSummary; readonly followers: readonly JobEntry[] } {
    const { state, spec } = entry;
    const now = this.#driver.now();
    switch (state.is) {
      case 'ended':
        return { followers: [] };
      case 'expected': {
        const why = failure ?? { outcome: 'failed', message: 'it never began' };
        const summary: JobSummary = { id: spec.id, ...why, parts: [] };
        return { summary, followers: this.roster.end(entry, summary, now) };
      }
      case 'active': {
        const { job } = state;
        job.phase = 'ended';
        const summary = summarise(job, failure);
        const outcome = failure === undefined ? 'finished' : 'failed';
        const message = failure === undefined ? {} : { message: failure.message };
        const about = { framework: this.#config.name, jobId: spec.id };
        this.#driver.record({ event: 'job-finished', ...about, outcome, ...message });
        return { summary, followers: this.roster.end(entry, summary, now) };
      }
      default:
        return state satisfies never;
    }
  }

  #endIfDone(): void {
    if (this.roster.unended > 0 || this.over || this.#config.keepRunning) return;
    this.#state = 'over';
    this.#hooks.over();
  }
}
