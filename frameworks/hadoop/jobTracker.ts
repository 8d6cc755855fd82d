/**
 * The JobTracker: Hadoop's scheduler, as a framework of Mesos (NSDI'11 §5).
 *
 * It runs unchanged in virtual time and for real, on a Mesos master and on a fixed set of slaves. Offers are
 * answered at once, so that a rescinded offer or a lost master leaves nothing behind but launches, which are
 * reconciled.
 */
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import {
  type ExecutorId,
  type ExecutorInfo,
  encodeData,
  type FrameworkId,
  type Offer,
  type SlaveId,
  type TaskId,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import { isEmpty } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { spaceOf } from '../files/storedFile.ts';
import type { JobControl } from '../jobBoard.ts';
import { LostHosts } from '../lostHosts.ts';
import { filtersFor, RESTING, RestingSlaves } from '../refusals.ts';
import { SlaveExecutors } from '../slaveExecutors.ts';
import { slotsIn } from '../slots.ts';
import { attemptId, attemptLabel, taskData } from './attempt.ts';
import { AttemptEnds } from './attemptEnds.ts';
import { checkJobs, type HadoopConfig, type HadoopJob } from './job.ts';
import { jobControl } from './jobControl.ts';
import type { JobInProgress } from './jobInProgress.ts';
import { JobLifecycle, type LifecycleHooks } from './jobLifecycle.ts';
import { type JobQueue, jobQueue } from './jobQueue.ts';
import type { HadoopSummary, JobSummary } from './jobSummary.ts';
import type { Journal } from './journal.ts';
import { type OpenOffer, place } from './placement.ts';
import { Reconciliation } from './reconciliation.ts';
import { Stragglers } from './stragglers.ts';
import type { Attempt, Task } from './task.ts';
import { ProgressSchema, readData, type TrackerData } from './taskData.ts';

/** Id of the one executor that an instance has on each slave. */
const TASK_TRACKER_ID = 'tasktracker';
/** A job may shun nodes as long as they are less than this part of all: Hadoop's CLUSTER_BLACKLIST_PERCENT. */
const SHUNNED_PART_MAX = 0.25;

/** Whom to tell what. Called from within the scheduler: do nothing slow. */
export interface JobTrackerListener {
  /** The scheduler is made, and may be told of jobs, from outside of its callbacks. Those that come before it is registered wait for that. */
  onReady?(control: JobControl<HadoopJob>): void;
  /** A job has ended: its intermediate data may be deleted (see deleteIntermediate). */
  onJobEnded?(summary: JobSummary): void;
  /** All jobs have ended, and no more are to come, or the master refused the framework. */
  onDone(summary: HadoopSummary): void;
  /** Keeps what the JobTracker needs to know that may take the place of this one. */
  readonly journal?: Journal;
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
  readonly #jobs: JobLifecycle;
  /** Jobs that could use a slot. */
  readonly #queue: JobQueue;
  readonly #stragglers: Stragglers;
  readonly #attempts = new Map<TaskId, Attempt>();
  readonly #hostnames = new Map<SlaveId, string>();
  readonly #lostHosts = new LostHosts();
  /** Slaves whose TaskTracker was ending when a task came. */
  readonly #resting: RestingSlaves;
  readonly #trackers: SlaveExecutors;
  readonly #reconciliation: Reconciliation;
  readonly #ends: AttemptEnds;
  #executor: ExecutorInfo;
  #registeredOnce = false;
  #space = '';
  #needsOffers = false;
  #stopped = false;

  constructor(config: HadoopConfig, listener: JobTrackerListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
    this.#resting = new RestingSlaves(driver);
    this.#trackers = new SlaveExecutors(driver, TASK_TRACKER_ID);
    this.#reconciliation = new Reconciliation(driver, this.#attempts);
    this.#executor = { ...config.executor, executorId: TASK_TRACKER_ID };
    this.#queue = jobQueue(config.scheduling);
    const hooks: LifecycleHooks = {
      change: (job, change) => this.#change(job, change),
      ended: (job, early) => this.#jobEnded(job, early),
      summed: (summary) => listener.onJobEnded?.(summary),
      settled: () => this.#settled(),
      over: () => this.#stop(),
    };
    this.#jobs = new JobLifecycle(config, driver, hooks, listener.journal);
    this.#stragglers = new Stragglers(config.speculation, driver, {
      attempts: this.#attempts,
      jobs: () => this.#jobs.roster.active(),
      change: (job, change) => this.#change(job, change),
      settled: () => this.#updateDemand(),
    });
    this.#ends = new AttemptEnds(config, driver, {
      hostnames: this.#hostnames,
      lostHosts: this.#lostHosts,
      resting: this.#resting,
      journal: listener.journal,
      failJob: (job, message) => this.#jobs.endJob(job, { outcome: 'failed', message }),
    });
    listener.onReady?.(jobControl(this.#jobs.controlled()));
  }

  registered(frameworkId: FrameworkId): void {
    if (this.#stopped) return;
    this.#driver.setNeedsOffers(this.#needsOffers);
    if (this.#registeredOnce) {
      // What was said while there was no master was not heard.
      for (const { taskId, unwanted } of this.#attempts.values()) if (unwanted) this.#driver.killTask(taskId);
      this.#reconciliation.start();
      return;
    }
    this.#registeredOnce = true;
    this.#space = spaceOf(frameworkId);
    const { seed, nodes, memoryPerTaskBytes, outputReplication, speculation } = this.#config;
    const data: TrackerData = {
      ...{ space: this.#space, seed, nodes, memoryPerTaskBytes, outputReplication },
      ...(speculation.policy !== 'off' && { progressMs: speculation.intervalMs }),
    };
    this.#executor = { ...this.#executor, data: encodeData(data) };
    this.#jobs.start(this.#space);
  }

  resourceOffers(offers: readonly Offer[]): void {
    const open: OpenOffer[] = [];
    const nowMs = this.#driver.now();
    for (const offer of offers) {
      const { slaveId, hostname: host } = offer;
      this.#hostnames.set(slaveId, host);
      const free = this.#isLeftAlone(offer) ? 0 : slotsIn(offer, this.#executor, this.#config.slot);
      open.push({ offer, spot: { host, nowMs }, free, tasks: [] });
    }
    const waitLeftMs = place(this.#queue, open, {
      nowMs,
      localityWaitMs: this.#config.localityWaitMs,
      shuns: (job, host) => this.#shuns(job, host),
    });
    for (const { offer, tasks, free } of open) {
      const taskInfos = tasks.map((task) => this.#launch(task, offer));
      const filters = this.#isLeftAlone(offer) ? RESTING : filtersFor(free, waitLeftMs);
      this.#driver.replyToOffer([offer.id], taskInfos, filters);
    }
    this.#stragglers.watch();
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
    if (!isTerminal(status.state)) {
      if (attempt.unwanted) this.#driver.killTask(status.taskId);
      return;
    }
    this.#attempts.delete(status.taskId);
    const { job } = attempt.task;
    this.#change(job, () => {
      if (job.phase === 'ended') job.lose(attempt);
      else this.#ends.settle(attempt, status, ran);
    });
    if (status.state !== 'TASK_FINISHED') this.#jobs.mend(job);
    if (job.done && job.phase === 'running') this.#jobs.cleanUp(job);
    this.#settled();
  }

  slaveLost(slaveId: SlaveId): void {
    const host = this.#hostnames.get(slaveId);
    if (host === undefined) return;
    this.#hostnames.delete(slaveId);
    this.#lostHosts.lost(host, this.#driver.now());
    this.#listener.journal?.append({ kind: 'host-lost', host });
    this.#resting.forget(slaveId);
    this.#trackers.ended(slaveId);
    for (const job of this.#jobs.roster.active()) {
      if (job.phase === 'running')
        this.#change(job, () => {
          for (const task of job.loseHost(host)) job.undo(task);
        });
    }
    this.#jobs.loseHost(host);
    this.#updateDemand();
  }

  executorLost(slaveId: SlaveId): void {
    // Its tasks get a status each; what they wrote is with the file server of the node, and stays.
    this.#trackers.ended(slaveId);
  }

  frameworkMessage(slaveId: SlaveId, _: ExecutorId, data: string): void {
    const message = readData(ProgressSchema, data);
    if (message === undefined) return;
    for (const [taskId, progress] of Object.entries(message.progress)) {
      const attempt = this.#attempts.get(taskId);
      if (attempt?.slaveId === slaveId) attempt.progress = progress;
    }
  }

  disconnected(): void {
    for (const attempt of this.#attempts.values()) attempt.heard = false;
  }

  error(message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reconciliation.stop();
    this.#jobs.abort(message);
    this.#listener.onDone(this.#summary());
  }

  #isLeftAlone({ slaveId, hostname }: Offer): boolean {
    return this.#resting.has(slaveId) || this.#ends.leftAloneMs(hostname) > 0;
  }

  /** Has too much of a job failed on a host, and are there enough others? */
  #shuns(job: JobInProgress, host: string): boolean {
    const { failuresPerNodeMax } = this.#config;
    return (
      job.shuns(host, failuresPerNodeMax) &&
      job.countShunned(failuresPerNodeMax) < SHUNNED_PART_MAX * this.#hostnames.size
    );
  }

  #launch(task: Task, offer: Offer): TaskInfo {
    const { job } = task;
    const { framework, jobId } = this.#identity(job);
    const now = this.#driver.now();
    if (job.startedMs === undefined) {
      job.startedMs = now;
      this.#driver.record({ event: 'job-started', framework, jobId });
    }
    const taskId = attemptId(task, this.#config.incarnation);
    const { slaveId, hostname: host } = offer;
    const label = attemptLabel(task, this.#config.incarnation);
    const attempt: Attempt = {
      taskId,
      task,
      slaveId,
      host,
      launchedMs: now,
      label,
      isCopy: task.live.length > 0,
      heard: false,
      progress: 0,
      unwanted: false,
    };
    task.live.push(attempt);
    this.#attempts.set(taskId, attempt);
    this.#trackers.started(slaveId);
    return {
      name: `${task.type} ${task.index} of ${jobId}`,
      taskId,
      slaveId,
      resources: this.#config.slot,
      executor: this.#executor,
      data: taskData(task, label),
    };
  }

  #jobEnded(job: JobInProgress, early: boolean): void {
    this.#queue.remove(job);
    if (early)
      for (const { taskId, task } of this.#attempts.values())
        if (task.job === job) this.#driver.killTask(taskId);
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reconciliation.stop();
    this.#listener.onDone(this.#summary());
    this.#driver.stop();
  }

  #summary(): HadoopSummary {
    return { framework: this.#config.name, space: this.#space, jobs: this.#jobs.roster.summaries() };
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

  /** Something may have come, or gone. */
  #settled(): void {
    this.#updateDemand();
    this.#updateTrackers();
  }

  #updateDemand(): void {
    const needed = this.#queue.size > 0;
    if (needed === this.#needsOffers || this.#stopped) return;
    this.#needsOffers = needed;
    this.#driver.setNeedsOffers(needed);
  }

  #updateTrackers(): void {
    const mayEnd = this.#config.keepRunning && this.#attempts.size === 0;
    this.#trackers.wanted(!mayEnd || !this.#jobs.roster.active().next().done);
  }

  #identity(job: JobInProgress): { readonly framework: string; readonly jobId: string } {
    return { framework: this.#config.name, jobId: job.spec.id };
  }
}
