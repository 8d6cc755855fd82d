/** What the end of an attempt means for its task and its job: who is at fault, what has to run again, what is known from now on. */
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { SlaveId, TaskStatus } from '../../mesos/protocol/entities.ts';
import { FetchFailures } from '../fetchFailures.ts';
import type { LostHosts } from '../lostHosts.ts';
import type { RestingSlaves } from '../refusals.ts';
import { type Attempt, lossOf } from './attempt.ts';
import type { HadoopConfig } from './job.ts';
import { losePart } from './jobChains.ts';
import type { JobInProgress } from './jobInProgress.ts';
import type { Journal } from './journal.ts';
import type { Task } from './task.ts';
import {
  readData,
  TaskFailureSchema,
  type TaskReport,
  TaskReportSchema,
  type UnfetchableOutput,
} from './taskData.ts';

/** How long a task that has failed on a node waits for another one: Hadoop, whose nodes are all its own, waits as long as it takes. */
const AVOID_MS = 60_000;

/** What is known beside attempts, and who is told what. */
export interface Surroundings {
  /** Of the slaves that have been offered, and are not lost. */
  readonly hostnames: ReadonlyMap<SlaveId, string>;
  readonly lostHosts: LostHosts;
  /** Slaves whose TaskTracker was ending when a task came. */
  readonly resting: RestingSlaves;
  readonly journal: Journal | undefined;
  /** One of its tasks has failed too often. */
  failJob(job: JobInProgress, message: string): void;
}

/** Settles the ends of an instance's attempts. */
export class AttemptEnds {
  readonly #config: HadoopConfig;
  readonly #driver: Pick<SchedulerDriver, 'now' | 'record' | 'killTask'>;
  readonly #around: Surroundings;
  readonly #fetchFailures: FetchFailures;

  constructor(
    config: HadoopConfig,
    driver: Pick<SchedulerDriver, 'now' | 'record' | 'killTask'>,
    around: Surroundings,
  ) {
    this.#config = config;
    this.#driver = driver;
    this.#around = around;
    this.#fetchFailures = new FetchFailures(driver);
  }

  /** An attempt of a job at work has ended. `ran` says whether anything was heard of it before. */
  settle(attempt: Attempt, status: TaskStatus, ran: boolean): void {
    const { task, host, slaveId } = attempt;
    const { job } = task;
    if (attempt.unwanted) return job.lose(attempt);
    if (status.state === 'TASK_FINISHED') {
      const report = readData(TaskReportSchema, status.data);
      if (report === undefined) this.#fail(attempt, 'its TaskTracker sent no report that can be read');
      else this.#finish(attempt, report);
      return;
    }
    const failure = readData(TaskFailureSchema, status.data);
    if (failure !== undefined && 'unfetchable' in failure && task.type === 'reduce') {
      this.#missed(attempt, failure.unfetchable, status.message);
      return;
    }
    if (failure !== undefined && 'unreadable' in failure) {
      losePart(task, failure.unreadable);
      const hosts = new Set(this.#around.hostnames.values());
      if (failure.unreadable.hosts.some((holder) => hosts.has(holder)))
        this.#fail(attempt, status.message ?? 'it could not read what an earlier job wrote');
      else this.#lose(attempt);
      return;
    }
    const loss = lossOf(status, ran);
    if (loss === 'own-fault') {
      this.#blame(task, host);
      this.#fail(attempt, status.message ?? status.reason ?? status.state);
    } else this.#lose(attempt);
    if (loss === 'turned-away') this.#around.resting.add(slaveId);
  }

  #finish(attempt: Attempt, report: TaskReport): void {
    const { task, taskId } = attempt;
    const { job } = task;
    const isThere = (holder: string): boolean =>
      this.#around.lostHosts.isThereSince(holder, attempt.launchedMs);
    if (!job.finish(attempt, report, this.#driver.now(), isThere)) return;
    if (this.#around.journal !== undefined) {
      const { type, index, host = '', label, tookMs = 0, partHosts } = task;
      const part = report.part && partHosts && { part: { ...report.part, hosts: [...partHosts] } };
      this.#around.journal.append({
        kind: 'task-finished',
        jobId: job.spec.id,
        ...{ type, index, host, tookMs, report: { ...report, ...part } },
        ...(label !== undefined && { label }),
      });
    }
    for (const other of [...task.live]) {
      job.dismiss(other);
      this.#driver.killTask(other.taskId);
    }
    if (task.type === 'map') {
      const { locality, inputBytes: bytes } = report;
      const { name: framework } = this.#config;
      this.#driver.record({ event: 'block-read', framework, jobId: job.spec.id, taskId, locality, bytes });
    }
  }

  /** A reduce could not fetch the output of a map from a host. */
  #missed(
    attempt: Attempt,
    { map: index, host: holder, isGone }: UnfetchableOutput,
    why = 'it could not fetch its input',
  ): void {
    const { task, host: reader } = attempt;
    const { job } = task;
    const map = job.maps[index];
    // Else it is old news.
    if (map?.state !== 'finished' || map.host !== holder) return job.lose(attempt);
    const fault = this.#fetchFailures.judge({ reader, holder, isGone }, this.#around.hostnames.values());
    if (fault === 'reader') {
      this.#blame(task, reader);
      return this.#fail(attempt, why);
    }
    job.lose(attempt);
    this.#rerunMap(map, holder);
  }

  /** The output of a map is not to be had from its host. */
  #rerunMap(map: Task, host: string): void {
    const { job } = map;
    // Where one is gone that had been deleted, all are.
    const lost = job.reopened
      ? job.maps.filter((each) => each.state === 'finished' && each.host === host)
      : [map];
    for (const each of lost) job.undo(each);
    this.#blame(map, host);
    this.#countFailure(map, host, 'no reduce can fetch its output from there');
  }

  /** Through no fault of its task. */
  #lose(attempt: Attempt): void {
    const { job } = attempt.task;
    job.attemptsLost += 1;
    job.lose(attempt);
  }

  #fail(attempt: Attempt, why: string): void {
    const { task, host } = attempt;
    task.job.lose(attempt);
    this.#countFailure(task, host, why);
  }

  /** A task failed on a host, and tries another one, if there is any on which it has not. */
  #blame(task: Task, host: string): void {
    const untried = [...this.#around.hostnames.values()].some(
      (other) => other !== host && !task.failedOn.includes(other),
    );
    task.job.blame(host, task, untried ? this.#driver.now() + AVOID_MS : 0);
  }

  #countFailure(task: Task, host: string, why: string): void {
    task.failures += 1;
    if (task.failures < this.#config.failuresPerTaskMax) return;
    const times = task.failures === 1 ? 'once' : `${task.failures} times`;
    const message = `${task.type} ${task.index} failed ${times}, at last on ${host}: ${why}`;
    this.#around.failJob(task.job, message);
  }
}
