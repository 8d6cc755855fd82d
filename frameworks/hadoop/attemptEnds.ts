/** What the end of an attempt means for its task and its job: who is at fault, what has to run again, what is known from now on. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { SlaveId, TaskStatus } from '../../mesos/protocol/entities.ts';
import { type Fault, FetchFailures } from '../fetchFailures.ts';
import type { LostHosts } from '../lostHosts.ts';
import type { RestingSlaves } from '../refusals.ts';
import { lossOf, taskName } from './attempt.ts';
import type { HadoopConfig } from './job.ts';
import { writerOf } from './jobChains.ts';
import type { JobInProgress } from './jobInProgress.ts';
import type { Journal } from './journal.ts';
import type { Attempt, Task } from './task.ts';
import {
  readData,
  readReport,
  TaskFailureSchema,
  type TaskReport,
  type UnfetchableOutput,
  type UnreadablePart,
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

  /** For how long nothing is to be run on a host, for what is wrong with it (fetchFailures.ts). */
  leftAloneMs(host: string): Millis {
    return this.#fetchFailures.leftAloneMs(host);
  }

  /** An attempt of a job at work has ended. `ran` says whether anything was heard of it before. */
  settle(attempt: Attempt, status: TaskStatus, ran: boolean): void {
    const { task, host, slaveId } = attempt;
    const { job } = task;
    if (attempt.unwanted) return job.lose(attempt);
    if (status.state === 'TASK_FINISHED') {
      const report = readReport(status.data ?? '');
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
      this.#missedPart(attempt, failure.unreadable, status.message);
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
    const { job } = attempt.task;
    const map = job.maps[index];
    // Else it is old news.
    if (map?.state !== 'finished' || map.host !== holder) return job.lose(attempt);
    const fault = this.#faultOf(attempt, holder, isGone);
    if (fault !== 'holder') return this.#failReader(attempt, why, fault);
    job.lose(attempt);
    this.#rerunMap(map, holder);
  }

  /** A task could not read a part of an earlier job's output from any host that holds it: the part is lost if all of these are at fault. */
  #missedPart(
    attempt: Attempt,
    unreadable: UnreadablePart,
    why = 'it could not read what an earlier job wrote',
  ): void {
    const { task } = attempt;
    const writer = writerOf(task, unreadable);
    if (writer === undefined) return this.#lose(attempt);
    const { partHosts: holders = [] } = writer;
    const faults = holders.map((holder) =>
      this.#faultOf(attempt, holder, unreadable.goneFrom?.includes(holder)),
    );
    const fault = faults.find((each) => each !== 'holder');
    if (fault !== undefined) return this.#failReader(attempt, why, fault);
    this.#lose(attempt);
    writer.partHosts = [];
    const hosts = new Set(this.#around.hostnames.values());
    const present = holders.filter((holder) => hosts.has(holder));
    for (const holder of present) this.#blame(writer, holder);
    // What went with its slave is no failure. The job that wrote it may have ended: the one that reads it fails.
    const [host] = present;
    if (host !== undefined)
      this.#countFailure(writer, host, 'what it wrote cannot be read from there', task.job);
  }

  /** Who is at fault if an attempt cannot have something from a host. */
  #faultOf({ task, host: reader }: Attempt, holder: string, isGone: boolean | undefined): Fault {
    const failure = { reader, holder, task: taskName(task), isGone };
    return this.#fetchFailures.judge(failure, this.#around.hostnames.values());
  }

  /** An attempt could not have its input, and that is the fault of its node. */
  #failReader(attempt: Attempt, why: string, fault: Exclude<Fault, 'holder'>): void {
    if (fault === 'reader-again') return this.#lose(attempt);
    this.#blame(attempt.task, attempt.host);
    this.#fail(attempt, why);
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

  /** `job`: which fails if a task of its own, or of one that it reads, has failed too often. */
  #countFailure(task: Task, host: string, why: string, job = task.job): void {
    task.failures += 1;
    if (task.failures < this.#config.failuresPerTaskMax) return;
    const whose = job === task.job ? '' : ` of job '${task.job.spec.id}', whose output it reads,`;
    const times = task.failures === 1 ? 'once' : `${task.failures} times`;
    const message = `${task.type} ${task.index}${whose} failed ${times}, at last on ${host}: ${why}`;
    this.#around.failJob(job, message);
  }
}
