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
import { type Attempt, attemptId, lossOf, taskData } from './attempt.ts';
import { FairQueue } from './fairQueue.ts';
import { checkJobs, countTasks, type HadoopConfig, type HadoopJob } from './job.ts';
import { JobInProgress, type Task } from './jobInProgress.ts';
import { type HadoopSummary, type JobSummary, summarise } from './jobSummary.ts';
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

/** Whom to tell what. Called from within the scheduler: do nothing slow. */
export interface JobTrackerListener {
  /** A job has ended: its intermediate data may be deleted (see deleteIntermediate). */
  onJobEnded?(summary: JobSummary): void;
  /** All jobs have ended, or the master refused the framework. */
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
  /** Jobs that are submitted and have not ended. */
  readonly #active = new Set<JobInProgress>();
  readonly #attempts = new Map<TaskId, Attempt>();
  readonly #hostnames = new Map<SlaveId, string>();
  /** Slaves whose TaskTracker was ending when a task came, and how long they are left alone. */
  readonly #restingUntil = new Map<SlaveId, Millis>();
  /** Jobs that are submitted when another ends, by its id. */
  readonly #followers = new Map<string, HadoopJob[]>();
  readonly #summaries = new Map<string, JobSummary>();
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
    const start = this.#driver.now();
    for (const job of this.#config.jobs) {
      if (job.submission.when === 'at') this.#submitAt(job, start + job.submission.ms);
      else {
        const followers = this.#followers.get(job.submission.jobId) ?? [];
        followers.push(job);
        this.#followers.set(job.submission.jobId, followers);
      }
    }
    if (this.#config.jobs.length === 0) this.#stop();
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
    if (job.phase === 'ended') return;
    this.#change(job, () => this.#settle(attempt, status, ran));
    if (job.done && job.phase === 'running') this.#cleanUp(job);
    this.#updateDemand();
  }

  slaveLost(slaveId: SlaveId): void {
    const host = this.#hostnames.get(slaveId);
    if (host === undefined) return;
    this.#hostnames.delete(slaveId);
    this.#restingUntil.delete(slaveId);
    for (const job of this.#active) {
      if (job.phase === 'running')
        this.#change(job, () => {
          for (const task of job.loseHost(host)) job.undo(task);
        });
    }
    this.#updateDemand();
  }

  executorLost(): void {
    // Its tasks get a status each; what they wrote is with the file server of the node, and stays.
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
    for (const job of this.#active) this.#recordEnd(job, message);
    for (const { id } of this.#config.jobs)
      if (!this.#summaries.has(id)) this.#summaries.set(id, { id, outcome: 'failed', message, parts: [] });
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
    if (!job.started) {
      job.started = true;
      this.#driver.record({ event: 'job-started', framework, jobId });
    }
    const taskId = attemptId(task, this.#config.incarnation);
    const { slaveId, hostname: host } = offer;
    this.#attempts.set(taskId, { task, slaveId, host, heard: false });
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
    this.#end(task.job, `${task.type} ${task.index} failed ${times}, at last on ${host}: ${why}`);
  }

  #submitAt(job: HadoopJob, intendedMs: Millis): void {
    const delayMs = intendedMs - this.#driver.now();
    if (delayMs <= 0) this.#submit(job, intendedMs);
    else this.#driver.after(delayMs, () => this.#submit(job, intendedMs));
  }

  #submit(spec: HadoopJob, intendedMs: Millis): void {
    if (this.#stopped) return;
    const job = new JobInProgress(spec, this.#submitted, intendedMs);
    this.#submitted += 1;
    this.#active.add(job);
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
    this.#afterHalfSetUp(job.spec, () => this.#end(job));
  }

  #afterHalfSetUp({ program }: HadoopJob, run: () => void): void {
    const halfMs = program.type === 'model' ? program.setUpMs / 2 : 0;
    if (halfMs > 0) this.#driver.after(halfMs, run);
    else run();
  }

  /** Ends a job, with the reason if it failed, and what else hangs on that. */
  #end(job: JobInProgress, failure?: string): void {
    if (job.phase === 'ended' || this.#stopped) return;
    this.#queue.remove(job);
    const summary = this.#recordEnd(job, failure);
    if (failure !== undefined)
      for (const [taskId, { task }] of this.#attempts) if (task.job === job) this.#driver.killTask(taskId);
    this.#listener.onJobEnded?.(summary);
    const now = this.#driver.now();
    for (const follower of this.#followers.get(job.spec.id) ?? [])
      if (follower.submission.when === 'after') this.#submitAt(follower, now + follower.submission.delayMs);
    if (this.#summaries.size === this.#config.jobs.length) this.#stop();
  }

  #recordEnd(job: JobInProgress, failure: string | undefined): JobSummary {
    job.phase = 'ended';
    this.#active.delete(job);
    const summary = summarise(job, failure);
    this.#summaries.set(job.spec.id, summary);
    const { outcome } = summary;
    const message = failure === undefined ? {} : { message: failure };
    this.#driver.record({ event: 'job-finished', ...this.#identity(job), outcome, ...message });
    return summary;
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#listener.onDone(this.#summary());
    this.#driver.stop();
  }

  #summary(): HadoopSummary {
    const jobs: JobSummary[] = [];
    for (const { id } of this.#config.jobs) {
      const summary = this.#summaries.get(id);
      if (summary !== undefined) jobs.push(summary);
    }
    return { framework: this.#config.name, space: this.#space, jobs };
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
