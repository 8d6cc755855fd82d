/**
 * A scheduler that makes load, with manners that can be chosen: experiments ask what others suffer from a framework that thinks
 * long, hoards, refuses or never suppresses (NSDI'11 §4.5-4.6; Omega, EuroSys'13 §4.2).
 *
 * How long it held offers, thought and let jobs wait is in the history: `offer-sent` to `offer-accepted` or `offer-declined`,
 * `job-decided`, and `job-submitted` to the states of its tasks. Many of them run in one process: what one holds in memory is its
 * unfinished tasks.
 */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import {
  SCHEDULER_DEFAULTS,
  type Scheduler,
  type SchedulerDriver,
  type SchedulerFactory,
} from '../../mesos/driver/scheduler.ts';
import {
  type ExecutorInfo,
  encodeData,
  type Offer,
  type OfferId,
  type TaskId,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import type { SlaveFilter } from '../../mesos/protocol/filters.ts';
import { isEmpty, subtract, timesContained } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { sampler } from '../../workloads/distribution.ts';
import { seededUniform } from '../../workloads/random.ts';
import type { JobBoard } from '../jobBoard.ts';
import { roomIn } from '../slots.ts';
import { Answers } from './answers.ts';
import type { LoadConfig } from './config.ts';
import type { Work } from './executor.ts';
import { JobMaker, type LoadJob, type LoadTask } from './loadJob.ts';

/** What became of the jobs. */
export interface LoadSummary {
  readonly framework: string;
  /** In the order in which they ended. */
  readonly jobs: readonly {
    readonly id: string;
    readonly outcome: 'finished' | 'failed';
    readonly message?: string;
    /** How many of its tasks finished. */
    readonly tasks: number;
  }[];
}

/** Whom to tell what. */
export interface LoadListener {
  /** The scheduler is made. */
  onReady?(board: JobBoard): void;
  /** All jobs have ended and no more come, or the master refused the framework. */
  onDone(summary: LoadSummary): void;
}

/** Makes the scheduler of a load, the same in virtual time and for real, with a master and without. */
export function createLoadScheduler(config: LoadConfig, listener: LoadListener): SchedulerFactory {
  return (driver) => {
    const scheduler = new LoadScheduler(config, listener, driver);
    listener.onReady?.(scheduler);
    return scheduler;
  };
}

/** Id of the executor, one for each framework and slave. */
export const LOAD_EXECUTOR = 'load';

class LoadScheduler implements Scheduler, JobBoard {
  readonly slaveLost = SCHEDULER_DEFAULTS.slaveLost;
  readonly executorLost = SCHEDULER_DEFAULTS.executorLost;
  readonly frameworkMessage = SCHEDULER_DEFAULTS.frameworkMessage;
  readonly #config: LoadConfig;
  readonly #listener: LoadListener;
  readonly #driver: SchedulerDriver;
  readonly #executor: ExecutorInfo;
  readonly #maker: JobMaker;
  readonly #answers: Answers;
  readonly #gapMs: () => Millis;
  /** Jobs that have not ended, in the order of their submission. */
  readonly #jobs = new Set<LoadJob>();
  /** Those with tasks to launch, in the order in which they came to have some. */
  readonly #needing = new Set<LoadJob>();
  readonly #ended: LoadJob[] = [];
  readonly #running = new Map<TaskId, LoadTask>();
  /** Timers that submit jobs or revive. */
  readonly #timers = new Set<Timer>();
  #told: boolean | undefined;
  #launches = 0;
  #startedMs: Millis = 0;
  #state: 'unregistered' | 'active' | 'closed' | 'done' = 'unregistered';

  constructor(config: LoadConfig, listener: LoadListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
    const { command, resources } = config.executor;
    this.#executor = { executorId: LOAD_EXECUTOR, name: LOAD_EXECUTOR, command, resources };
    this.#maker = new JobMaker(config);
    this.#answers = new Answers(config, driver, {
      needing: this.#needing,
      fits: (job, offers) => this.#fits(job, offers),
      launch: (offer, jobs) => this.#launch(offer, jobs),
      decided: (job, thinking) => {
        if (thinking !== undefined)
          driver.record({ event: 'job-decided', ...this.#identity(job), ...thinking });
        this.#decided(job);
      },
      answered: () => this.#tellNeeds(),
    });
    const { arrivals, seed, name } = config;
    const none = { type: 'constant', value: 0 } as const;
    const gaps =
      arrivals.type === 'open' ? arrivals.gapMs : arrivals.type === 'closed' ? arrivals.thinkMs : none;
    this.#gapMs = sampler(gaps, seededUniform(`load/${seed}/${name}/gaps`));
  }

  registered(): void {
    this.#told = undefined;
    if (this.#state === 'unregistered') this.#start();
    this.#tellNeeds();
  }

  resourceOffers(offers: readonly Offer[]): void {
    this.#answers.take(offers);
    this.#tellNeeds();
  }

  offerRescinded(offerId: OfferId): void {
    this.#answers.rescinded(offerId);
  }

  statusUpdate(status: TaskStatus): void {
    const { taskId, state } = status;
    const task = this.#running.get(taskId);
    if (task === undefined) {
      // Given up, or of a scheduler whose place this one has taken.
      if (!isTerminal(state) && this.#state !== 'done') this.#driver.killTask(taskId);
      return;
    }
    if (!isTerminal(state)) return;
    this.#running.delete(taskId);
    this.#settle(task, status);
    this.#tellNeeds();
  }

  disconnected(): void {
    this.#answers.clear();
  }

  error(message: string): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    for (const job of this.#jobs) this.#endJob(job, 'failed', `the master refused the framework: ${message}`);
    this.#tellDone();
  }

  jobs(): ReturnType<JobBoard['jobs']> {
    return [...this.#ended, ...this.#jobs].map((job) => job.status());
  }

  // Submission.

  #start(): void {
    this.#state = 'active';
    this.#startedMs = this.#driver.now();
    const { arrivals, untilMs, manners } = this.#config;
    this.#setFilters();
    if (untilMs !== undefined) this.#later(untilMs, () => this.#close());
    if (manners.reviveEveryMs !== undefined) this.#reviveEvery(manners.reviveEveryMs);
    switch (arrivals.type) {
      case 'closed':
        for (let user = 0; user < arrivals.users; user++) this.#submit(user);
        return;
      case 'open':
        return this.#submitAfterGap(undefined);
      case 'endless':
        for (const ms of this.#maker.changesMs) this.#later(ms, () => this.#replaceEndless());
        return this.#submit(undefined);
      default:
        arrivals satisfies never;
    }
  }

  #submit(user: number | undefined): void {
    if (this.#state !== 'active' || !this.#maker.hasMore) return;
    const now = this.#driver.now();
    const job = this.#maker.next(now, now - this.#startedMs, user);
    this.#jobs.add(job);
    this.#needing.add(job);
    const { framework, jobId } = this.#identity(job);
    this.#driver.record({
      event: 'job-submitted',
      framework,
      jobId,
      kind: 'load',
      tasks: job.tasks,
      intendedMs: now,
    });
    if (!this.#maker.hasMore) this.#state = 'closed';
    this.#answers.decide();
    this.#tellNeeds();
  }

  /** Its tasks are of another size from now on; those that run go on. */
  #replaceEndless(): void {
    if (this.#state !== 'active') return;
    for (const job of this.#jobs) {
      this.#needing.delete(job);
      if (job.seal()) this.#endJob(job, 'finished');
    }
    this.#submit(undefined);
  }

  #submitAfterGap(user: number | undefined): void {
    if (this.#state !== 'active') return;
    this.#later(this.#gapMs(), () => {
      this.#submit(user);
      if (this.#config.arrivals.type === 'open') this.#submitAfterGap(undefined);
    });
  }

  /** No more jobs come; those that are there go on, but for an endless one. */
  #close(): void {
    if (this.#state !== 'active') return;
    this.#state = 'closed';
    if (this.#config.arrivals.type === 'endless') for (const job of this.#jobs) this.#endJob(job, 'finished');
    this.#finishIfDone();
  }

  // Offers.

  #launch(offer: Offer, jobs: Iterable<LoadJob>): readonly TaskInfo[] {
    const { tasksPerOfferMax = Number.POSITIVE_INFINITY } = this.#config.manners;
    const launched: TaskInfo[] = [];
    let left = roomIn(offer, this.#executor);
    for (const job of jobs) {
      if (launched.length >= tasksPerOfferMax) break;
      const most = Math.min(timesContained(left, job.resources), tasksPerOfferMax - launched.length);
      for (let n = 0; n < most; n++) {
        const task = job.take();
        if (task === undefined) break;
        left = subtract(left, job.resources);
        launched.push(this.#taskInfo(task, offer));
      }
      if (job.waiting === 0) this.#needing.delete(job);
    }
    return launched;
  }

  #taskInfo(task: LoadTask, { slaveId }: Offer): TaskInfo {
    const { job, lengthMs: ms } = task;
    const { incarnation, work, grace } = this.#config;
    const own = incarnation === 0 ? '' : `.${incarnation.toString(36)}`;
    const taskId = `${job.id}.${this.#launches++}${own}`;
    this.#running.set(taskId, task);
    if (job.startedMs === undefined) {
      job.startedMs = this.#driver.now();
      this.#driver.record({ event: 'job-started', ...this.#identity(job) });
    }
    const data: Work = {
      work,
      ms,
      ...(grace === 'used' && { grace }),
      ...(job.needs && { needs: job.needs }),
    };
    return {
      name: job.id,
      taskId,
      slaveId,
      resources: job.resources,
      executor: this.#executor,
      data: encodeData(data),
    };
  }

  /** How many of the job's tasks fit into these offers. */
  #fits(job: LoadJob, offers: readonly Offer[]): number {
    const { tasksPerOfferMax = Number.POSITIVE_INFINITY } = this.#config.manners;
    let fits = 0;
    for (const offer of offers)
      fits += Math.min(timesContained(roomIn(offer, this.#executor), job.resources), tasksPerOfferMax);
    return Math.min(fits, job.waiting);
  }

  /** A job that has been decided upon too often is given up. */
  #decided(job: LoadJob): void {
    const { attemptsMax = Number.POSITIVE_INFINITY } = this.#config;
    job.attempts++;
    if (job.waiting === 0 || job.attempts < attemptsMax) return;
    this.#endJob(
      job,
      'failed',
      `abandoned after ${job.attempts} attempts, with ${job.waiting} tasks to place`,
    );
  }

  // What becomes of tasks and jobs.

  #settle(task: LoadTask, { state, message, reason }: TaskStatus): void {
    const { job } = task;
    if (job.ended !== undefined) return this.#finishIfDone();
    if (state === 'TASK_FINISHED') {
      if (job.finish()) this.#endJob(job, 'finished');
      return;
    }
    job.putBack(task);
    this.#needing.add(job);
    if (state === 'TASK_FAILED' || state === 'TASK_ERROR') {
      task.failures++;
      const { failuresPerTaskMax } = this.#config;
      if (task.failures >= failuresPerTaskMax)
        this.#endJob(
          job,
          'failed',
          `a task failed ${task.failures} times, at last: ${message ?? reason ?? state}`,
        );
    }
    this.#answers.decide();
  }

  #endJob(job: LoadJob, outcome: 'finished' | 'failed', message?: string): void {
    if (job.ended !== undefined) return;
    const why = message === undefined ? {} : { message };
    job.end({ atMs: this.#driver.now(), outcome, ...why });
    this.#jobs.delete(job);
    this.#needing.delete(job);
    this.#ended.push(job);
    this.#driver.record({ event: 'job-finished', ...this.#identity(job), outcome, ...why });
    for (const [taskId, task] of job.running > 0 ? this.#running : [])
      if (task.job === job) this.#driver.killTask(taskId);
    if (job.user !== undefined && this.#maker.hasMore) this.#submitAfterGap(job.user);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#state !== 'closed' || this.#jobs.size > 0) return;
    this.#state = 'done';
    this.#tellDone();
    this.#driver.stop();
  }

  #tellDone(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#answers.clear();
    const jobs = this.#ended.map(({ id, ended, finished: tasks }) => {
      const { outcome = 'failed' as const, message } = ended ?? {};
      return { id, outcome, ...(message !== undefined && { message }), tasks };
    });
    this.#listener.onDone({ framework: this.#config.name, jobs });
  }

  // What the master is told.

  #setFilters(): void {
    const { filters, hosts, offerMin } = this.#config.manners;
    if (!filters) return;
    const set: SlaveFilter[] = [];
    const [size] = this.#config.sizes;
    const least = !isEmpty(offerMin)
      ? offerMin
      : this.#config.sizes.length === 1 && size
        ? size.resources
        : undefined;
    if (least !== undefined) set.push({ kind: 'free', resources: least });
    if (hosts !== undefined) set.push({ kind: 'hosts', hostnames: hosts });
    this.#driver.setFilters(set);
  }

  #tellNeeds(): void {
    if (this.#state === 'done' || this.#state === 'unregistered') return;
    const needs = !this.#config.manners.suppress || this.#needing.size > 0;
    if (needs !== this.#told) this.#driver.setNeedsOffers(needs);
    this.#told = needs;
  }

  #reviveEvery(ms: Millis): void {
    this.#later(ms, () => {
      this.#driver.setNeedsOffers(true);
      this.#told = true;
      this.#tellNeeds();
      this.#reviveEvery(ms);
    });
  }

  #later(ms: Millis, run: () => void): void {
    const timer = this.#driver.after(ms, () => {
      this.#timers.delete(timer);
      if (this.#state !== 'done') run();
    });
    this.#timers.add(timer);
  }

  #identity(job: LoadJob): { readonly framework: string; readonly jobId: string } {
    return { framework: this.#config.name, jobId: job.id };
  }
}
