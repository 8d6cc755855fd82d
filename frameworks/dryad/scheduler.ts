/**
 * The job manager of Dryad (Isard et al., EuroSys'07) as a framework: runs graphs of vertices on whatever slots it is offered. A
 * vertex is launched when all that it reads is there; what is lost is made again, and what that needs too.
 *
 * Offers are answered at once. Only the attempt that was launched last speaks for a vertex.
 */
import type { Millis } from '../../mesos/driver/actor.ts';
import {
  SCHEDULER_DEFAULTS,
  type Scheduler,
  type SchedulerDriver,
  type SchedulerFactory,
} from '../../mesos/driver/scheduler.ts';
import {
  type ExecutorInfo,
  encodeData,
  type FrameworkId,
  type Offer,
  type SlaveId,
  type TaskId,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { FetchFailures } from '../fetchFailures.ts';
import { spaceOf } from '../files/storedFile.ts';
import { lossOf } from '../hadoop/attempt.ts';
import { readData, type TrackerData } from '../hadoop/taskData.ts';
import type { JobControl, JobStatus } from '../jobBoard.ts';
import { controlOf } from '../jobControl.ts';
import { LostHosts } from '../lostHosts.ts';
import { filtersFor, RESTING, RestingSlaves } from '../refusals.ts';
import { SlaveExecutors } from '../slaveExecutors.ts';
import { needsOf, slotsIn } from '../slots.ts';
import { type Vertex, vertexData, vertexName } from './graph.ts';
import { checkedJob, type DryadConfig, type DryadJob } from './job.ts';
import { type DryadJobSummary, type JobEnd, JobRun } from './jobRun.ts';
import { type OpenOffer, place } from './placement.ts';
import { type VertexFailure, VertexFailureSchema, VertexReportSchema } from './vertexData.ts';

/** What became of all jobs. */
export interface DryadSummary {
  readonly framework: string;
  /** Its own space among the files of the nodes: where its output is. */
  readonly space: string;
  readonly jobs: readonly DryadJobSummary[];
}

/** Whom to tell what. */
export interface DryadListener {
  /** The scheduler is made. */
  onReady?(control: JobControl<DryadJob>): void;
  /** A job has ended. */
  onJobEnded?(summary: DryadJobSummary): void;
  /** All jobs have ended, or the master refused the framework. */
  onDone(summary: DryadSummary): void;
}

/** Makes the scheduler of a Dryad instance, the same in virtual time and for real, with a master and without. */
export function createDryadScheduler(config: DryadConfig, listener: DryadListener): SchedulerFactory {
  return (driver) => {
    const scheduler = new DryadScheduler(config, listener, driver);
    listener.onReady?.(scheduler.control());
    return scheduler;
  };
}

/** Id of the one executor that an instance has on each slave. */
const DRYAD_EXECUTOR = 'dryad';

/** Most jobs that have ended and are still known to a framework that goes on. Older ones are forgotten. */
const ENDED_JOBS_MAX = 1_000;

/** A launched vertex that has not ended. */
interface Attempt {
  readonly run: JobRun;
  readonly vertex: Vertex;
  readonly slaveId: SlaveId;
  readonly host: string;
  readonly launchedMs: Millis;
  heard: boolean;
}

class DryadScheduler implements Scheduler {
  readonly offerRescinded = SCHEDULER_DEFAULTS.offerRescinded;
  readonly frameworkMessage = SCHEDULER_DEFAULTS.frameworkMessage;
  readonly disconnected = SCHEDULER_DEFAULTS.disconnected;
  readonly #config: DryadConfig;
  readonly #listener: DryadListener;
  readonly #driver: SchedulerDriver;
  #executor: ExecutorInfo;
  /** Jobs of the configuration and those that came later, in that order. */
  readonly #runs = new Map<string, JobRun>();
  /** Those of them that were submitted and have not ended. */
  readonly #active = new Set<JobRun>();
  #ended = 0;
  readonly #attempts = new Map<TaskId, Attempt>();
  readonly #hostnames = new Map<SlaveId, string>();
  readonly #lostHosts = new LostHosts();
  readonly #fetchFailures: FetchFailures;
  /** Slaves whose executor was ending when a vertex came. */
  readonly #resting: RestingSlaves;
  readonly #executors: SlaveExecutors;
  /** How many vertices the driver was last told of that could be launched. */
  #told: number | undefined;
  #space = '';
  #state: 'unregistered' | 'active' | 'done' = 'unregistered';

  constructor(config: DryadConfig, listener: DryadListener, driver: SchedulerDriver) {
    this.#config = config;
    this.#listener = listener;
    this.#driver = driver;
    this.#fetchFailures = new FetchFailures(driver);
    this.#resting = new RestingSlaves(driver);
    this.#executors = new SlaveExecutors(driver, DRYAD_EXECUTOR);
    this.#executor = { ...config.executor, executorId: DRYAD_EXECUTOR };
  }

  registered(frameworkId: FrameworkId): void {
    if (this.#state === 'done') return;
    this.#told = undefined;
    if (this.#state === 'unregistered') this.#start(frameworkId);
    this.#tellNeeds();
  }

  resourceOffers(offers: readonly Offer[]): void {
    const open: OpenOffer[] = offers.map((offer) => {
      this.#hostnames.set(offer.slaveId, offer.hostname);
      return {
        offer,
        free: this.#isLeftAlone(offer) ? 0 : slotsIn(offer, this.#executor, this.#config.slot),
        launches: [],
      };
    });
    const waitLeftMs = place(this.#active, open, this.#driver.now(), this.#config.localityWaitMs);
    for (const { offer, free, launches } of open) {
      const tasks = launches.map(({ run, vertex }) => this.#taskInfo(run, vertex, offer));
      const filters = this.#isLeftAlone(offer) ? RESTING : filtersFor(free, waitLeftMs);
      this.#driver.replyToOffer([offer.id], tasks, filters);
    }
    this.#tellNeeds();
  }

  statusUpdate(status: TaskStatus): void {
    const attempt = this.#attempts.get(status.taskId);
    if (attempt === undefined) {
      // Given up, or of a scheduler whose place this one has taken.
      if (!isTerminal(status.state) && this.#state === 'active') this.#driver.killTask(status.taskId);
      return;
    }
    const ran = attempt.heard;
    attempt.heard = true;
    if (!isTerminal(status.state)) return;
    this.#attempts.delete(status.taskId);
    if (attempt.run.end === undefined) this.#settle(attempt, status, ran);
    this.#tellNeeds();
  }

  slaveLost(slaveId: SlaveId): void {
    const host = this.#hostnames.get(slaveId);
    this.#hostnames.delete(slaveId);
    this.#resting.forget(slaveId);
    this.#executors.ended(slaveId);
    if (host === undefined) return;
    this.#lostHosts.lost(host, this.#driver.now());
    for (const run of this.#active) run.loseHost(host);
    this.#tellNeeds();
  }

  executorLost(slaveId: SlaveId): void {
    // What its vertices wrote is with the file server of the node, and stays.
    this.#executors.ended(slaveId);
  }

  error(message: string): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    for (const run of this.#active)
      this.#recordEnd(run, { outcome: 'failed', message: `the master refused the framework: ${message}` });
    this.#listener.onDone(this.#summary());
  }

  /** What others ask for. */
  control(): JobControl<DryadJob> {
    return controlOf({
      jobs: () => this.#statuses(),
      get: (id) => this.#runs.get(id),
      hasEnded: ({ end }) => end !== undefined,
      hasStarted: ({ startedMs }) => startedMs !== undefined,
      submit: (job) => {
        if (this.#state === 'unregistered')
          throw new RangeError('The framework is not registered yet; try again.');
        if (this.#state === 'done') throw new RangeError('The framework has ended.');
        this.#take(checkedJob(job, (id) => this.#runs.has(id)));
      },
      delete: (run) => this.#endJob(run, { outcome: 'deleted', message: 'it was deleted' }),
      setHeld: (run, held) => {
        run.isHeld = held;
        this.#tellNeeds();
      },
    });
  }

  #statuses(): readonly JobStatus[] {
    const needs = needsOf(this.#config);
    return [...this.#runs.values()].map((run) => ({ ...run.status(), needs }));
  }

  // Jobs.

  #start(frameworkId: FrameworkId): void {
    this.#state = 'active';
    this.#space = spaceOf(frameworkId);
    const { seed, nodes, memoryPerVertexBytes: memoryPerTaskBytes, outputReplication } = this.#config;
    const data: TrackerData = { space: this.#space, seed, nodes, memoryPerTaskBytes, outputReplication };
    this.#executor = { ...this.#executor, data: encodeData(data) };
    for (const job of this.#config.jobs) this.#take(job);
  }

  /** It is to be submitted when it says so: at a time from now on, or so long after another job. */
  #take(job: DryadJob): void {
    const run = new JobRun(job, this.#driver.now());
    this.#runs.set(job.id, run);
    const { submission } = job;
    if (submission.when === 'at') return this.#submitAfter(run, submission.ms);
    const before = this.#runs.get(submission.jobId)?.end;
    if (before !== undefined)
      this.#submitAfter(run, Math.max(0, before.atMs + submission.delayMs - this.#driver.now()));
  }

  #submitAfter(run: JobRun, delayMs: Millis): void {
    const intendedMs = this.#driver.now() + delayMs;
    if (delayMs === 0) return this.#submit(run, intendedMs);
    this.#driver.after(delayMs, () => {
      if (this.#state === 'active' && run.end === undefined) this.#submit(run, intendedMs);
    });
  }

  #submit(run: JobRun, intendedMs: Millis): void {
    run.submit(intendedMs);
    this.#active.add(run);
    this.#driver.record({
      event: 'job-submitted',
      ...this.#identity(run),
      kind: run.job.kind,
      tasks: run.size,
      intendedMs,
    });
    this.#tellNeeds();
  }

  #endJob(run: JobRun, end: Omit<JobEnd, 'atMs'>): void {
    this.#recordEnd(run, end);
    if (end.outcome !== 'finished')
      for (const [taskId, attempt] of this.#attempts) if (attempt.run === run) this.#driver.killTask(taskId);
    for (const follower of this.#runs.values()) {
      const { submission } = follower.job;
      if (submission.when === 'after' && submission.jobId === run.job.id && follower.end === undefined)
        this.#submitAfter(follower, submission.delayMs);
    }
    this.#tellNeeds();
    if (this.#config.keepRunning || this.#active.size > 0) return;
    for (const { end } of this.#runs.values()) if (end === undefined) return;
    this.#state = 'done';
    this.#listener.onDone(this.#summary());
    this.#driver.stop();
  }

  #recordEnd(run: JobRun, end: Omit<JobEnd, 'atMs'>): void {
    run.end = { atMs: this.#driver.now(), ...end };
    this.#active.delete(run);
    const outcome = end.outcome === 'finished' ? 'finished' : 'failed';
    if (run.isSubmitted)
      this.#driver.record({ event: 'job-finished', ...this.#identity(run), ...end, outcome });
    this.#listener.onJobEnded?.(run.summary());
    this.#ended++;
    if (this.#config.keepRunning && this.#ended > ENDED_JOBS_MAX) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [id, { end }] of this.#runs)
      if (end !== undefined) {
        this.#runs.delete(id);
        this.#ended--;
        return;
      }
  }

  #summary(): DryadSummary {
    const jobs = [...this.#runs.values()].map((run) => run.summary());
    return { framework: this.#config.name, space: this.#space, jobs };
  }

  #identity({ job }: JobRun): { readonly framework: string; readonly jobId: string } {
    return { framework: this.#config.name, jobId: job.id };
  }

  // Offers.

  #taskInfo(run: JobRun, vertex: Vertex, { slaveId, hostname: host }: Offer): TaskInfo {
    if (run.startedMs === undefined) {
      run.startedMs = this.#driver.now();
      this.#driver.record({ event: 'job-started', ...this.#identity(run) });
    }
    const { incarnation, slot } = this.#config;
    const own = incarnation === 0 ? '' : `_${incarnation.toString(36)}`;
    const { stage, index, attempts } = vertex;
    const taskId = `${vertexName(run.job.id, vertex)}_${attempts - 1}${own}`;
    this.#attempts.set(taskId, { run, vertex, slaveId, host, launchedMs: this.#driver.now(), heard: false });
    this.#executors.started(slaveId);
    return {
      name: `vertex ${index} of ${stage.id} of ${run.job.id}`,
      taskId,
      slaveId,
      resources: slot,
      executor: this.#executor,
      data: encodeData(vertexData(run.job.id, vertex)),
    };
  }

  #isLeftAlone({ slaveId, hostname }: Offer): boolean {
    return this.#resting.has(slaveId) || this.#fetchFailures.leftAloneMs(hostname) > 0;
  }

  #tellNeeds(): void {
    if (this.#state !== 'active') return;
    let needed = 0;
    for (const { launchable } of this.#active) needed += launchable;
    // There is new work: slaves that were refused for want of any are welcome again.
    if (this.#told === undefined || (needed === 0) !== (this.#told === 0) || needed > this.#told)
      this.#driver.setNeedsOffers(needed > 0);
    this.#told = needed;
    this.#executors.wanted(!this.#config.keepRunning || this.#attempts.size > 0 || this.#active.size > 0);
  }

  // What becomes of vertices.

  #settle({ run, vertex, host, slaveId, launchedMs }: Attempt, status: TaskStatus, ran: boolean): void {
    if (status.state === 'TASK_FINISHED') {
      const report = readData(VertexReportSchema, status.data);
      if (report === undefined)
        return this.#fail(run, vertex, host, 'its executor sent no report that can be read');
      const isThere = (holder: string): boolean =>
        holder === host || this.#lostHosts.isThereSince(holder, launchedMs);
      run.finish(vertex, host, report, isThere);
      if (vertex.block !== undefined) {
        const { locality } = report;
        const { bytes } = vertex.block;
        const { taskId } = status;
        this.#driver.record({ event: 'block-read', ...this.#identity(run), taskId, locality, bytes });
      }
      if (run.isDone) this.#endJob(run, { outcome: 'finished' });
      return;
    }
    const lost = readData(VertexFailureSchema, status.data)?.unfetchable;
    if (lost !== undefined) return this.#missed(run, vertex, host, lost, status.message);
    const loss = lossOf(status, ran);
    if (loss === 'own-fault')
      return this.#fail(run, vertex, host, status.message ?? status.reason ?? status.state);
    run.putBack(vertex, false);
    if (loss === 'turned-away') this.#resting.add(slaveId);
  }

  /** A vertex could not have what another wrote: unless that is old news, who is at fault runs again. */
  #missed(
    run: JobRun,
    vertex: Vertex,
    reader: string,
    { source, host: holder, isGone }: VertexFailure['unfetchable'],
    why = 'it could not fetch its input',
  ): void {
    const upstream = vertex.inputs.flatMap(({ from }) => from)[source];
    if (upstream?.state.is !== 'finished' || upstream.state.host !== holder)
      return run.putBack(vertex, false);
    const task = vertexName(run.job.id, vertex);
    const fault = this.#fetchFailures.judge({ reader, holder, task, isGone }, this.#hostnames.values());
    if (fault === 'reader-again') return run.putBack(vertex, false);
    if (fault === 'reader') return this.#fail(run, vertex, reader, why);
    run.undo(upstream);
    run.putBack(vertex, false);
    run.fail(upstream);
    this.#endIfTooOften(run, upstream, holder, 'what it wrote cannot be fetched from there');
  }

  #fail(run: JobRun, vertex: Vertex, host: string, why: string): void {
    run.putBack(vertex, true);
    this.#endIfTooOften(run, vertex, host, why);
  }

  #endIfTooOften(run: JobRun, { stage, index, failures }: Vertex, host: string, why: string): void {
    if (failures < this.#config.failuresPerVertexMax) return;
    const times = failures === 1 ? 'once' : `${failures} times`;
    const message = `vertex ${index} of stage '${stage.id}' failed ${times}, at last on ${host}: ${why}`;
    this.#endJob(run, { outcome: 'failed', message });
  }
}
