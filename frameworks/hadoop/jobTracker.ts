/**
 * The JobTracker: Hadoop's scheduler, as a framework of Mesos (NSDI'11 §5).
 *
 * It runs unchanged in virtual time and for real, on a Mesos master and on a fixed set of slaves. Offers are
 * answered at once, so that a rescinded offer or a lost master leaves nothing behind but launches, which are
 * reconciled.
 */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import {
  type ExecutorInfo,
  encodeData,
  type Filters,
  type FrameworkId,
  type Offer,
  type SlaveId,
  type TaskId,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import {
  contains,
  isEmpty,
  type Resources,
  subtract,
  timesContained,
} from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { spaceOf } from '../dfs/storedFile.ts';
import type { JobControl } from '../jobBoard.ts';
import { type Attempt, attemptId, lossOf, taskData } from './attempt.ts';
import { FairQueue } from './fairQueue.ts';
import { checkJobs, countTasks, type HadoopConfig, type HadoopJob } from './job.ts';
import { type ControlledJobs, jobControl } from './jobControl.ts';
import { JobInProgress, type Task } from './jobInProgress.ts';
import { ENDED_JOBS_MAX, type JobEntry, JobRoster } from './jobRoster.ts';
import { type HadoopSummary, type JobFailure, type JobSummary, summarise } from './jobSummary.ts';
import { type OpenOffer, place } from './placement.ts';
import {
  readData,
  TaskFailureSchema,
  type TaskReport,
  TaskReportSchema,
  type TrackerData,
} from './taskData.ts';

/** Id of the one executor that a Hadoop instance has on each slave. */
export const TASK_TRACKER_ID = 'tasktracker';

/**
 * Longest refusal of a slave on which jobs wait for local work; the same as that of the Hadoop port of 2011.
 */
const REFUSE_MAX_MS = 1000;
/** Shortest such refusal. */
const REFUSE_MIN_MS = 1;
/** How long a slave is refused that has no room for a task: until it has more, which ends any refusal. */
const REFUSE_FULL_S = 600;
/** How long a slave whose TaskTracker is ending is left alone. */
const REST_MS = 1000;
const RESTING: Filters = { refuseSeconds: REST_MS / 1000 };
/** How long to wait for an answer about a task after the master was lost, at first and at most. */
const RECONCILE_FIRST_MS = 5_000;
const RECONCILE_MAX_MS = 60_000;
/** How long TaskTrackers are kept for the next job when there is none; starting them takes a while. */
const IDLE_TRACKERS_MS = 5_000;

/** Whom to tell what. Called from within the scheduler: do nothing slow. */
export interface JobTrackerListener {
  /** The scheduler is made, and may be told of jobs, from outside of its callbacks. Those that come before it is registered wait for that. */
  onReady?(control: JobControl<HadoopJob>): void;
  /** A job has ended: its intermediate data may be deleted (see deleteIntermediate). */
  onJobEnded?(summary: JobSummary): void;
  /** All jobs have ended, and no more are to come, or the master refused the framework. */
  onDone(summary: HadoopSummary): void;
}

/** Makes the JobTracker of a Hadoop instance. Throws a TypeError if the configuration is wrong. */
export function createJobTracker(config: HadoopConfig, listener: JobTrackerListener): SchedulerFactory {
  checkJobs(config.jobs);
  if (isEmpty(config.slot)) throw new TypeError(`Hadoop '${config.name}': a slot needs some resource.`);
  return (driver) => new JobTracker(config, listener, driver);
}

class JobTracker implements Scheduler {
  readonly #config: HadoopConfig;
  readonly #listener: JobTrackerListener;
  readonly #driver: SchedulerDriver;
  #executor: ExecutorInfo;
  /** Jobs that could use a slot. */
  readonly #queue = new FairQueue();
  readonly #roster: JobRoster;
  readonly #attempts = new Map<TaskId, Attempt>();
  readonly #hostnames = new Map<SlaveId, string>();
  /** Slaves whose TaskTracker was ending when a task came, and how long they are left alone. */
  readonly #restingUntil = new Map<SlaveId, Millis>();
  /** Slaves that have a TaskTracker, as far as is known. */
  readonly #trackers = new Set<SlaveId>();
  #idle: Timer | undefined;
  #registeredOnce = false;
  #space = '';
  #needsOffers = false;
  #submitted = 0;
  #stopped = false;
  #reconciliation: Timer | undefined;

  constructor(config: HadoopConfig, listener: JobTrackerListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
    this.#executor = { ...config.executor, executorId: TASK_TRACKER_ID };
    this.#roster = new JobRoster(config.keepRunning ? ENDED_JOBS_MAX : undefined);
    const now = driver.now();
    for (const job of config.jobs) this.#roster.add(job, now);
    listener.onReady?.(jobControl(this.#controlled()));
  }

  registered(frameworkId: FrameworkId): void {
    if (this.#stopped) return;
    this.#driver.setNeedsOffers(this.#needsOffers);
    if (this.#registeredOnce) {
      this.#reconcile(RECONCILE_FIRST_MS);
      return;
    }
    this.#registeredOnce = true;
    this.#space = spaceOf(frameworkId);
    const { seed, nodes, memoryPerTaskBytes, outputReplication } = this.#config;
    const data: TrackerData = { space: this.#space, seed, nodes, memoryPerTaskBytes, outputReplication };
    this.#executor = { ...this.#executor, data: encodeData(data) };
    for (const entry of [...this.#roster.entries()]) this.#expect(entry);
    this.#stopIfDone();
  }

  resourceOffers(offers: readonly Offer[]): void {
    const open: OpenOffer[] = [];
    for (const offer of offers) {
      this.#hostnames.set(offer.slaveId, offer.hostname);
      open.push({ offer, free: this.#rests(offer.slaveId) ? 0 : this.#countSlots(offer), tasks: [] });
    }
    const waitLeftMs = place(this.#queue, open, this.#driver.now(), this.#config.localityWaitMs);
    for (const { offer, tasks, free } of open) {
      const taskInfos = tasks.map((task) => this.#launch(task, offer));
      const filters = this.#rests(offer.slaveId) ? RESTING : filtersFor(free, waitLeftMs);
      this.#driver.replyToOffer([offer.id], taskInfos, filters);
    }
    this.#updateDemand();
  }

  offerRescinded(): void {
    // Every offer was answered when it came.
  }

  statusUpdate(status: TaskStatus): void {
    const attempt = this.#attempts.get(status.taskId);
    if (attempt === undefined) {
      // Given up, yet alive: e.g. its slave was thought lost. Its work is not wanted any more.
      if (!isTerminal(status.state)) this.#driver.killTask(status.taskId);
      return;
    }
    const ran = attempt.heard;
    attempt.heard = true;
    if (!isTerminal(status.state)) return;
    this.#attempts.delete(status.taskId);
    const { job } = attempt.task;
    if (job.phase === 'ended') return this.#updateIdle();
    this.#change(job, () => this.#settle(attempt, status, ran));
    if (job.done && job.phase === 'running') this.#cleanUp(job);
    this.#updateDemand();
    this.#updateIdle();
  }

  slaveLost(slaveId: SlaveId): void {
    const host = this.#hostnames.get(slaveId);
    if (host === undefined) return;
    this.#hostnames.delete(slaveId);
    this.#restingUntil.delete(slaveId);
    this.#trackers.delete(slaveId);
    for (const job of this.#roster.active()) {
      if (job.phase === 'running')
        this.#change(job, () => {
          for (const task of job.loseHost(host)) job.undo(task);
        });
    }
    this.#updateDemand();
  }

  executorLost(slaveId: SlaveId): void {
    // Its tasks get a status each; what they wrote is with the file server of the node, and stays.
    this.#trackers.delete(slaveId);
  }

  frameworkMessage(): void {
    // TaskTrackers send none.
  }

  disconnected(): void {
    for (const attempt of this.#attempts.values()) attempt.heard = false;
  }

  error(message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const entry of [...this.#roster.entries()]) this.#recordEnd(entry, { outcome: 'failed', message });
    this.#listener.onDone(this.#summary());
  }

  #rests(slaveId: SlaveId): boolean {
    return (this.#restingUntil.get(slaveId) ?? 0) > this.#driver.now();
  }

  /** How many tasks fit into an offer, beside the TaskTracker if that has yet to be started. */
  #countSlots(offer: Offer): number {
    let free: Resources = offer.resources;
    const own = this.#executor.resources;
    if (!isEmpty(own) && !offer.executorIds.includes(TASK_TRACKER_ID)) {
      if (!contains(free, own)) return 0;
      free = subtract(free, own);
    }
    return timesContained(free, this.#config.slot);
  }

  #launch(task: Task, offer: Offer): TaskInfo {
    const { job } = task;
    const { framework, jobId } = this.#identity(job);
    if (job.startedMs === undefined) {
      job.startedMs = this.#driver.now();
      this.#driver.record({ event: 'job-started', framework, jobId });
    }
    const taskId = attemptId(task, this.#config.incarnation);
    const { slaveId, hostname: host } = offer;
    this.#attempts.set(taskId, { task, slaveId, host, heard: false });
    this.#trackers.add(slaveId);
    return {
      name: `${task.type} ${task.index} of ${jobId}`,
      taskId,
      slaveId,
      resources: this.#config.slot,
      executor: this.#executor,
      data: encodeData(taskData(task)),
    };
  }

  /** A task has ended: what does that mean for its job? */
  #settle({ task, host, slaveId }: Attempt, status: TaskStatus, ran: boolean): void {
    const { job } = task;
    if (status.state === 'TASK_FINISHED') {
      const report = readData(TaskReportSchema, status.data);
      if (report === undefined) this.#fail(task, host, 'its TaskTracker sent no report that can be read');
      else this.#finish(task, status.taskId, host, report);
      return;
    }
    const unfetchable = readData(TaskFailureSchema, status.data)?.unfetchable;
    if (unfetchable !== undefined && task.type === 'reduce') {
      job.putBack(task);
      this.#rerunMap(job, unfetchable.map, unfetchable.host);
      return;
    }
    const loss = lossOf(status, ran);
    if (loss === 'own-fault') this.#fail(task, host, status.message ?? status.reason ?? status.state);
    else job.putBack(task);
    if (loss === 'turned-away') this.#restingUntil.set(slaveId, this.#driver.now() + REST_MS);
  }

  #finish(task: Task, taskId: TaskId, host: string, report: TaskReport): void {
    const { job } = task;
    job.finish(task, host, report);
    if (task.type === 'map') {
      const { locality, inputBytes: bytes } = report;
      this.#driver.record({ event: 'block-read', ...this.#identity(job), taskId, locality, bytes });
    }
  }

  /**
   * A reduce could not fetch the output of a map from a host: unless that is old news, the map runs again.
   */
  #rerunMap(job: JobInProgress, index: number, host: string): void {
    const map = job.maps[index];
    if (map === undefined || map.state !== 'finished' || map.host !== host) return;
    job.undo(map);
    this.#countFailure(map, host, 'no reduce can fetch its output from there');
  }

  #fail(task: Task, host: string, why: string): void {
    task.job.putBack(task);
    this.#countFailure(task, host, why);
  }

  #countFailure(task: Task, host: string, why: string): void {
    task.failures += 1;
    if (task.failures < this.#config.failuresPerTaskMax) return;
    const times = task.failures === 1 ? 'once' : `${task.failures} times`;
    const message = `${task.type} ${task.index} failed ${times}, at last on ${host}: ${why}`;
    this.#endJob(task.job, { outcome: 'failed', message });
  }

  /** Lets a job be submitted when its time comes; those that wait for another job, when that has ended. */
  #expect(entry: JobEntry): void {
    const { submission } = entry.spec;
    if (submission.when === 'at') this.#submitAt(entry, this.#driver.now() + submission.ms);
    else if (this.#roster.get(submission.jobId)?.state.is === 'ended')
      this.#submitAt(entry, this.#driver.now() + submission.delayMs);
  }

  #submitAt(entry: JobEntry, intendedMs: Millis): void {
    const delayMs = intendedMs - this.#driver.now();
    if (delayMs <= 0) this.#submit(entry, intendedMs);
    else this.#driver.after(delayMs, () => this.#submit(entry, intendedMs));
  }

  #submit(entry: JobEntry, intendedMs: Millis): void {
    if (this.#stopped || entry.state.is !== 'expected') return;
    const { spec } = entry;
    const job = new JobInProgress(spec, this.#submitted, intendedMs, entry.held);
    this.#submitted += 1;
    entry.state = { is: 'active', job };
    entry.submittedMs = intendedMs;
    this.#updateIdle();
    this.#driver.record({
      event: 'job-submitted',
      ...this.#identity(job),
      kind: spec.kind,
      tasks: countTasks(spec),
      intendedMs,
    });
    this.#afterHalfSetUp(spec, () => {
      if (job.phase !== 'setting-up') return;
      this.#change(job, () => {
        job.phase = 'running';
      });
      this.#updateDemand();
    });
  }

  #cleanUp(job: JobInProgress): void {
    job.phase = 'cleaning-up';
    this.#afterHalfSetUp(job.spec, () => this.#endJob(job));
  }

  #afterHalfSetUp({ program }: HadoopJob, run: () => void): void {
    const halfMs = program.type === 'model' ? program.setUpMs / 2 : 0;
    if (halfMs > 0) this.#driver.after(halfMs, run);
    else run();
  }

  #endJob(job: JobInProgress, failure?: JobFailure): void {
    const entry = this.#roster.get(job.spec.id);
    if (entry !== undefined && job.phase !== 'ended') this.#end(entry, failure);
  }

  /** Ends a job, with the reason if it did not finish, and what else hangs on that. */
  #end(entry: JobEntry, failure?: JobFailure): void {
    if (this.#stopped) return;
    const job = entry.state.is === 'active' ? entry.state.job : undefined;
    if (job !== undefined) this.#queue.remove(job);
    const { summary, followers } = this.#recordEnd(entry, failure);
    if (failure !== undefined && job !== undefined)
      for (const [taskId, { task }] of this.#attempts) if (task.job === job) this.#driver.killTask(taskId);
    if (summary !== undefined) this.#listener.onJobEnded?.(summary);
    const now = this.#driver.now();
    for (const follower of followers)
      if (follower.spec.submission.when === 'after')
        this.#submitAt(follower, now + follower.spec.submission.delayMs);
    this.#stopIfDone();
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
        return { summary, followers: this.#roster.end(entry, summary, now) };
      }
      case 'active': {
        const { job } = state;
        job.phase = 'ended';
        const summary = summarise(job, failure);
        const outcome = failure === undefined ? 'finished' : 'failed';
        const message = failure === undefined ? {} : { message: failure.message };
        this.#driver.record({ event: 'job-finished', ...this.#identity(job), outcome, ...message });
        return { summary, followers: this.#roster.end(entry, summary, now) };
      }
      default:
        return state satisfies never;
    }
  }

  #stopIfDone(): void {
    if (this.#roster.unended > 0 || this.#stopped) return;
    if (this.#config.keepRunning) return;
    this.#stopped = true;
    this.#listener.onDone(this.#summary());
    this.#driver.stop();
  }

  #summary(): HadoopSummary {
    return { framework: this.#config.name, space: this.#space, jobs: this.#roster.summaries() };
  }

  /** When nothing is to do in an instance that goes on, its TaskTrackers end after a while: they may hold resources. */
  #updateIdle(): void {
    this.#idle?.cancel();
    this.#idle = undefined;
    if (!this.#config.keepRunning || this.#trackers.size === 0 || this.#attempts.size > 0) return;
    for (const _ of this.#roster.active()) return;
    this.#idle = this.#driver.after(IDLE_TRACKERS_MS, () => {
      for (const slaveId of this.#trackers) this.#driver.shutdownExecutor(slaveId, TASK_TRACKER_ID);
      this.#trackers.clear();
    });
  }

  #controlled(): ControlledJobs {
    return {
      roster: this.#roster,
      closed: () =>
        this.#stopped ? `Hadoop '${this.#config.name}' has ended and takes no more jobs.` : undefined,
      take: (spec) => {
        const entry = this.#roster.add(spec, this.#driver.now());
        if (this.#registeredOnce) this.#expect(entry);
      },
      delete: (entry) => {
        this.#end(entry, { outcome: 'deleted', message: 'it was deleted' });
        this.#updateDemand();
        this.#updateIdle();
      },
      setHeld: (entry, held) => {
        entry.held = held;
        const { state } = entry;
        if (state.is !== 'active') return;
        this.#change(state.job, () => {
          state.job.held = held;
        });
        this.#updateDemand();
      },
    };
  }

  /** Changes a job while it is out of the queue, which is sorted by what changes. */
  #change(job: JobInProgress, change: () => void): void {
    const before = job.launchable;
    this.#queue.remove(job);
    change();
    if (!job.launchable) return;
    this.#queue.add(job);
    // There is new work: also slaves that were refused for want of any are welcome again.
    if (!before && this.#needsOffers) this.#driver.setNeedsOffers(true);
  }

  #updateDemand(): void {
    const needed = this.#queue.size > 0;
    if (needed === this.#needsOffers || this.#stopped) return;
    this.#needsOffers = needed;
    this.#driver.setNeedsOffers(needed);
  }

  /**
   * After the master was lost: asks for the tasks that nothing was heard of, again and again, ever less
   * often.
   */
  #reconcile(patienceMs: Millis): void {
    this.#reconciliation?.cancel();
    const silent: { readonly taskId: TaskId; readonly slaveId: SlaveId }[] = [];
    for (const [taskId, { heard, slaveId }] of this.#attempts) if (!heard) silent.push({ taskId, slaveId });
    if (silent.length === 0 || this.#stopped) return;
    this.#driver.reconcileTasks(silent);
    const next = Math.min(patienceMs * 2, RECONCILE_MAX_MS);
    this.#reconciliation = this.#driver.after(patienceMs, () => this.#reconcile(next));
  }

  #identity(job: JobInProgress): { readonly framework: string; readonly jobId: string } {
    return { framework: this.#config.name, jobId: job.spec.id };
  }
}

/** For how long not to be offered again what is given back: with room for so many tasks, while jobs wait. */
function filtersFor(free: number, waitLeftMs: Millis): Filters {
  if (free === 0) return { refuseSeconds: REFUSE_FULL_S };
  if (waitLeftMs === Number.POSITIVE_INFINITY) return {};
  return { refuseSeconds: Math.max(REFUSE_MIN_MS, Math.min(REFUSE_MAX_MS, waitLeftMs)) / 1000 };
}
