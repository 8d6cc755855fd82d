/**
 * Spark's scheduler, as a framework of Mesos (NSDI'11 §5.3): jobs come from a driver program at any time, their stages' tasks
 * go to slots, and what they answer goes back by callbacks.
 *
 * It runs unchanged in virtual time and for real, on a Mesos master and on a fixed set of slaves. Offers are answered at once.
 */
import type { Millis, Timer } from '../../../mesos/driver/actor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../../mesos/driver/scheduler.ts';
import type {
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  Offer,
  SlaveId,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../../../mesos/protocol/entities.ts';
import { isTerminal } from '../../../mesos/protocol/tasks.ts';
import { spaceOf } from '../../files/storedFile.ts';
import { FULL, filtersFor, RESTING, RestingSlaves, WAITING_MIN_MS } from '../../refusals.ts';
import { needsOf, slotsIn, slotsOf } from '../../slots.ts';
import type { SparkScheduling } from '../config.ts';
import { type ExecutorData, NoticeSchema, packData, unpackData } from '../taskData.ts';
import { type Attempt, type Outcome, outcomeOf, outcomeOfStatus } from './attempt.ts';
import { AttemptEnds } from './attemptEnds.ts';
import { Broadcasts } from './broadcasts.ts';
import { CoarseWorkers } from './coarseWorkers.ts';
import { Dag } from './dag.ts';
import type { SparkHandle, SparkSchedulerListener } from './handle.ts';
import type { Job, JobListener } from './job.ts';
import { JobBook } from './jobBook.ts';
import type { JobSpec, LineageNode } from './lineage.ts';
import { type OpenSite, place } from './placement.ts';
import { SlavePlaces } from './slavePlaces.ts';
import type { Stage } from './stage.ts';
import { TaskWriter } from './taskWriter.ts';

/** Id of the one executor that an application has on each slave. */
const SPARK_EXECUTOR_ID = 'spark';

/** Makes the scheduler of an application. */
export function createSparkScheduler(
  config: SparkScheduling,
  listener: SparkSchedulerListener,
): SchedulerFactory {
  return (driver) => new SparkScheduler(config, listener, driver);
}

class SparkScheduler implements Scheduler {
  readonly #config: SparkScheduling;
  readonly #listener: SparkSchedulerListener;
  readonly #driver: SchedulerDriver;
  readonly #dag: Dag;
  readonly #broadcasts = new Broadcasts();
  /** Coarse-grained mode only. */
  readonly #workers: CoarseWorkers;
  #executor: ExecutorInfo;
  readonly #attempts = new Map<TaskId, Attempt>();
  readonly #hostnames = new Map<SlaveId, string>();
  readonly #places = new SlavePlaces();
  readonly #resting: RestingSlaves;
  readonly #writer: TaskWriter;
  readonly #book: JobBook;
  readonly #ends: AttemptEnds;
  /** Stages of which it is known that something of them could be launched. */
  #launchable: ReadonlySet<Stage> = new Set();
  #isReady = false;
  #needsOffers = false;
  #submitted = 0;
  /** Long tasks, one after the other, whose executor did not come up. */
  #failedStarts = 0;
  #isStopped = false;
  #waiting: Timer | undefined;

  constructor(config: SparkScheduling, listener: SparkSchedulerListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
    this.#executor = { ...config.executor, executorId: SPARK_EXECUTOR_ID };
    this.#workers = new CoarseWorkers(driver, SPARK_EXECUTOR_ID);
    this.#resting = new RestingSlaves(driver);
    this.#book = new JobBook(config.name, driver);
    this.#dag = new Dag({
      failuresPerTaskMax: config.failuresPerTaskMax,
      now: () => driver.now(),
      onEnded: (job) => this.#jobEnded(job),
      onChanged: () => this.#update(),
    });
    this.#writer = new TaskWriter(this.#dag, this.#broadcasts);
    this.#ends = new AttemptEnds(driver, {
      dag: this.#dag,
      book: this.#book,
      broadcasts: this.#broadcasts,
      hostnames: this.#hostnames,
      resting: this.#resting,
    });
  }

  registered(frameworkId: FrameworkId): void {
    if (this.#isStopped) return;
    this.#driver.setNeedsOffers(this.#needsOffers);
    if (this.#isReady) {
      const tasks = this.#config.mode === 'fine' ? [...this.#attempts.values()] : [...this.#workers.all()];
      if (tasks.length > 0)
        this.#driver.reconcileTasks(tasks.map(({ taskId, slaveId }) => ({ taskId, slaveId })));
      return;
    }
    this.#isReady = true;
    const space = spaceOf(frameworkId);
    const { nodes, cacheBytes, memoryPerTaskBytes, seed } = this.#config;
    const data: ExecutorData = { space, nodes, cacheBytes, memoryPerTaskBytes, seed };
    this.#executor = { ...this.#executor, data: packData(data) };
    this.#listener.onReady(this.#handle(space), this.#driver);
  }

  resourceOffers(offers: readonly Offer[]): void {
    for (const { slaveId, hostname } of offers) this.#hostnames.set(slaveId, hostname);
    if (this.#config.mode === 'fine') this.#fillOffers(offers);
    else for (const offer of offers) this.#acquire(offer);
    this.#update();
  }

  offerRescinded(): void {
    // Every offer was answered when it came.
  }

  statusUpdate(status: TaskStatus): void {
    const { taskId, state } = status;
    const worker = this.#workers.of(taskId);
    if (worker !== undefined) {
      if (isTerminal(state)) this.#loseWorker(worker.slaveId, outcomeOfStatus(status, worker.isReady));
      else if (state === 'TASK_RUNNING') worker.isReady = true;
      return this.#update();
    }
    const attempt = this.#attempts.get(taskId);
    if (attempt === undefined) {
      // Given up, yet alive: e.g. its slave was thought lost. Its work is not wanted any more.
      if (!isTerminal(state)) this.#driver.killTask(taskId);
      return;
    }
    const ran = attempt.heard;
    attempt.heard = true;
    if (isTerminal(state)) this.#ended(attempt, outcomeOfStatus(status, ran));
  }

  slaveLost(slaveId: SlaveId): void {
    const host = this.#hostnames.get(slaveId);
    this.#forgetExecutor(slaveId);
    this.#hostnames.delete(slaveId);
    this.#places.forget(slaveId);
    this.#resting.forget(slaveId);
    if (host !== undefined) this.#dag.hostLost(host);
    this.#update();
  }

  executorLost(slaveId: SlaveId): void {
    // Its tasks get a status each; what they wrote is with the file server of the node, and stays.
    this.#forgetExecutor(slaveId);
    this.#update();
  }

  frameworkMessage(slaveId: SlaveId, _executorId: ExecutorId, data: string): void {
    const notice = unpackData(NoticeSchema, data);
    if (notice === undefined) return;
    const { taskId } = notice;
    this.#workers.answered(taskId);
    const attempt = this.#attempts.get(taskId);
    if (notice.type === 'started') {
      if (attempt !== undefined) attempt.heard = true;
      else this.#workers.send(slaveId, { type: 'kill', taskId });
      return;
    }
    this.#workers.send(slaveId, { type: 'acknowledge', taskId });
    if (attempt === undefined) return;
    const { outcome, message, data: bytes } = notice;
    this.#ended(
      attempt,
      outcome === 'killed' ? { type: 'displaced' } : outcomeOf(outcome === 'finished', message, bytes),
    );
  }

  disconnected(): void {
    // What was under way is asked for by the driver when there is a master again.
  }

  error(message: string): void {
    if (this.#isStopped) return;
    this.#failAll(`the master refused the framework: ${message}`);
    this.#end();
    this.#listener.onRefused(message);
  }

  // --- fine-grained: a Mesos task for each task ---

  #fillOffers(offers: readonly Offer[]): void {
    const sites = offers.map((offer): OpenSite & { readonly offer: Offer } => ({
      offer,
      places: this.#places.of(offer.slaveId, offer.hostname),
      free: this.#isLeftAlone(offer) ? 0 : slotsIn(offer, this.#executor, this.#config.slot),
      tasks: [],
    }));
    const waitLeftMs = this.#place(sites);
    for (const { offer, tasks, free } of sites) {
      const { slaveId, hostname } = offer;
      const infos = tasks.flatMap(({ stage, partition }): TaskInfo[] => {
        const attempt = this.#start(stage, partition, slaveId, hostname);
        if (attempt === undefined) return [];
        const { taskId, data } = attempt;
        const name = `partition ${partition} of stage ${stage.id}`;
        const executor = this.#executor;
        return [
          { name, taskId, slaveId, resources: this.#config.slot, executor, data: data.toString('base64') },
        ];
      });
      const filters = this.#isLeftAlone(offer) ? RESTING : filtersFor(free, waitLeftMs);
      this.#driver.replyToOffer([offer.id], infos, filters);
    }
  }

  // --- coarse-grained: a long Mesos task on each slave ---

  #acquire(offer: Offer): void {
    const { slaveId, hostname } = offer;
    const left = this.#config.slotsMax - this.#workers.slots;
    const wanted = this.#workers.on(slaveId) === undefined && this.#needsOffers;
    const slots =
      wanted && !this.#resting.has(slaveId)
        ? Math.min(left, slotsIn(offer, this.#executor, this.#config.slot))
        : 0;
    if (slots === 0)
      return this.#driver.replyToOffer([offer.id], [], this.#resting.has(slaveId) ? RESTING : FULL);
    const { taskId } = this.#workers.add(slaveId, hostname, slots);
    const resources = slotsOf(this.#config.slot, slots);
    const executor = this.#executor;
    this.#driver.replyToOffer(
      [offer.id],
      [{ name: `${slots} slots`, taskId, slaveId, resources, executor }],
      FULL,
    );
  }

  #loseWorker(slaveId: SlaveId, outcome: Outcome): void {
    const worker = this.#workers.on(slaveId);
    if (worker === undefined) return;
    this.#workers.remove(worker);
    if (outcome.type === 'turned-away') this.#resting.add(slaveId);
    for (const attempt of [...this.#attempts.values()])
      if (attempt.slaveId === slaveId)
        this.#ended(attempt, outcome.type === 'finished' ? { type: 'displaced' } : outcome);
    if (worker.isReady) this.#failedStarts = 0;
    else if (outcome.type === 'failed') {
      // If executors cannot even be started, there is no task to fail for it.
      this.#resting.add(slaveId);
      if (++this.#failedStarts >= this.#config.failuresPerTaskMax) this.#failAll(outcome.message);
    }
  }

  /** Gives tasks to the slots of long tasks. */
  #fillWorkers(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
    if (this.#isStopped) return;
    let leftAloneMs = Number.POSITIVE_INFINITY;
    const ready = [...this.#workers.all()].filter(({ isReady, slots, running, host }) => {
      if (!isReady || running === slots) return false;
      const ms = this.#ends.leftAloneMs(host);
      if (ms > 0) leftAloneMs = Math.min(leftAloneMs, ms);
      return ms === 0;
    });
    const sites = ready.map((worker): OpenSite & { readonly worker: typeof worker } => ({
      worker,
      places: this.#places.of(worker.slaveId, worker.host),
      free: worker.slots - worker.running,
      tasks: [],
    }));
    const waitLeftMs = Math.min(leftAloneMs, this.#place(sites));
    for (const { worker, tasks } of sites)
      for (const { stage, partition } of tasks) {
        const attempt = this.#start(stage, partition, worker.slaveId, worker.host);
        if (attempt === undefined) continue;
        worker.running++;
        this.#workers.launch(worker.slaveId, attempt.taskId, attempt.data);
      }
    if (waitLeftMs !== Number.POSITIVE_INFINITY)
      this.#waiting = this.#driver.after(Math.max(WAITING_MIN_MS, waitLeftMs), () => this.#update());
  }

  // --- both ---

  #place(sites: readonly OpenSite[]): Millis {
    return place(this.#dag.active, sites, this.#driver.now(), this.#config.localityWaitMs);
  }

  /** Starts an attempt. Undefined if what it would have to be told is too much: then its jobs have failed. */
  #start(
    stage: Stage,
    partition: number,
    slaveId: SlaveId,
    host: string,
  ): { readonly taskId: TaskId; readonly data: Buffer } | undefined {
    if (stage.jobs.size === 0) {
      // Its job has failed since it was placed.
      stage.pend(partition, []);
      return undefined;
    }
    const attempt = stage.start(partition);
    const written = this.#writer.write(stage, partition, slaveId);
    if ('why' in written) {
      this.#dag.failed(stage, partition, written.why, true);
      return undefined;
    }
    const taskId = `${stage.id}_${partition}_${attempt}`;
    this.#attempts.set(taskId, { taskId, stage, partition, slaveId, host, heard: false });
    for (const job of stage.jobs) this.#book.started(job);
    return { taskId, data: written.data };
  }

  #ended(attempt: Attempt, outcome: Outcome): void {
    const { taskId, slaveId } = attempt;
    this.#attempts.delete(taskId);
    this.#workers.answered(taskId);
    const worker = this.#workers.on(slaveId);
    if (worker !== undefined) worker.running--;
    this.#ends.settle(attempt, outcome);
    this.#update();
  }

  #isLeftAlone({ slaveId, hostname }: Offer): boolean {
    return this.#resting.has(slaveId) || this.#ends.leftAloneMs(hostname) > 0;
  }

  /** The executor on the slave is gone, and what it knew. */
  #forgetExecutor(slaveId: SlaveId): void {
    this.#broadcasts.dropSlave(slaveId);
    this.#dag.executorLost(slaveId);
  }

  /** Something has changed: gives out what can be given, and says whether offers are needed. */
  #update(): void {
    if (this.#isStopped) return;
    if (this.#config.mode === 'coarse') this.#fillWorkers();
    const launchable = new Set<Stage>();
    let isNews = false;
    for (const stage of this.#dag.active) {
      if (!stage.isLaunchable) continue;
      launchable.add(stage);
      isNews ||= !this.#launchable.has(stage);
    }
    this.#launchable = launchable;
    const needed =
      this.#config.mode === 'fine'
        ? launchable.size > 0
        : this.#submitted > 0 && this.#workers.slots < this.#config.slotsMax;
    // For new work also slaves that were refused for want of any are welcome again.
    const again = this.#config.mode === 'fine' && needed && isNews;
    if (needed === this.#needsOffers && !again) return;
    this.#needsOffers = needed;
    this.#driver.setNeedsOffers(needed);
  }

  // --- jobs ---

  #handle(space: string): SparkHandle {
    const needs = needsOf(this.#config);
    return {
      space,
      jobs: () => this.#book.statuses(this.#attempts.values()).map((status) => ({ ...status, needs })),
      submit: (spec, listener, isQuiet = false) => this.#submit(spec, listener, isQuiet),
      unpersist: (node) => this.#unpersist(node),
      broadcast: (id, source) => this.#broadcasts.add(id, source),
      forgetBroadcast: (id) => {
        for (const slaveId of this.#broadcasts.forget(id))
          this.#workers.send(slaveId, { type: 'forget-broadcast', id });
      },
      stop: () => {
        if (this.#isStopped) return;
        this.#failAll('the application ended');
        this.#end();
        this.#driver.stop();
      },
    };
  }

  #submit(spec: JobSpec, listener: JobListener, isQuiet: boolean): { cancel(why: string): void } {
    if (this.#isStopped) {
      listener.onEnd('The application has ended.');
      return { cancel() {} };
    }
    this.#writer.forget();
    if (!isQuiet) this.#book.recordSubmitted(spec);
    const job = this.#dag.submit(spec, listener, this.#submitted++, (made) => this.#book.add(made, isQuiet));
    if (!job.hasEnded) this.#update();
    return {
      cancel: (why) => {
        this.#dag.end(job, why);
        this.#update();
      },
    };
  }

  #unpersist(node: LineageNode): void {
    this.#writer.forget();
    for (const slaveId of this.#dag.cache.dropDataset(node.id))
      this.#workers.send(slaveId, { type: 'unpersist', dataset: node.id });
    this.#dag.refresh();
    this.#update();
  }

  #jobEnded(job: Job): void {
    this.#book.ended(job);
    for (const { taskId, stage, slaveId } of this.#attempts.values()) {
      if (stage.jobs.size > 0) continue;
      if (this.#config.mode === 'fine') this.#driver.killTask(taskId);
      else this.#workers.send(slaveId, { type: 'kill', taskId });
    }
  }

  #failAll(why: string): void {
    for (const job of this.#book.underWay()) this.#dag.end(job, why);
  }

  #end(): void {
    this.#isStopped = true;
    this.#waiting?.cancel();
    this.#workers.stop();
  }
}
