/** The jobs of an application, as the history is told of them and as its board shows them. */
import type { SchedulerDriver } from '../../../mesos/driver/scheduler.ts';
import type { TaskId } from '../../../mesos/protocol/entities.ts';
import type { JobStatus } from '../../jobBoard.ts';
import type { TaskReport } from '../taskData.ts';
import type { Attempt } from './attempt.ts';
import { type Job, statusOf } from './job.ts';
import type { JobSpec } from './lineage.ts';
import type { Stage } from './stage.ts';

/** Of how many jobs that have ended the board tells. */
const ENDED_MAX = 1000;

/** The book. */
export class JobBook {
  readonly #framework: string;
  readonly #driver: SchedulerDriver;
  readonly #jobs = new Set<Job>();
  readonly #quiet = new Set<Job>();
  #ended = 0;

  constructor(framework: string, driver: SchedulerDriver) {
    this.#framework = framework;
    this.#driver = driver;
  }

  /** A job is to be submitted; its dataset may be in memory already, so that it ends at once. */
  recordSubmitted({ id: jobId, kind, partitions }: JobSpec): void {
    const tasks = partitions.length;
    const intendedMs = this.#driver.now();
    this.#driver.record({
      event: 'job-submitted',
      framework: this.#framework,
      jobId,
      kind,
      tasks,
      intendedMs,
    });
  }

  /** A job was made. `isQuiet`: the history is not told of it. */
  add(job: Job, isQuiet: boolean): void {
    this.#jobs.add(job);
    if (isQuiet) this.#quiet.add(job);
  }

  /** A task of it was launched. */
  started(job: Job): void {
    if (job.startedMs !== undefined) return;
    job.startedMs = this.#driver.now();
    if (!this.#quiet.has(job)) this.#driver.record({ event: 'job-started', ...this.#identity(job) });
  }

  ended(job: Job): void {
    const { failure } = job;
    if (!this.#quiet.delete(job))
      this.#driver.record({
        event: 'job-finished',
        ...this.#identity(job),
        outcome: failure === undefined ? 'finished' : 'failed',
        ...(failure !== undefined && { message: failure }),
      });
    if (++this.#ended <= ENDED_MAX) return;
    for (const oldest of this.#jobs)
      if (oldest.hasEnded) {
        this.#jobs.delete(oldest);
        return;
      }
  }

  /** Counts where a task found its input. */
  read(taskId: TaskId, { jobs: [...jobs] }: { readonly jobs: Stage['jobs'] }, report: TaskReport): void {
    const [job] = jobs;
    const { locality, inputBytes: bytes } = report;
    if (job === undefined || locality === undefined) return;
    job.reads[locality]++;
    if (!this.#quiet.has(job) && locality !== 'memory')
      this.#driver.record({ event: 'block-read', ...this.#identity(job), taskId, locality, bytes });
  }

  /** Those that have not ended. */
  underWay(): readonly Job[] {
    return [...this.#jobs].filter(({ hasEnded }) => !hasEnded);
  }

  /** For the board, while these attempts run. */
  statuses(attempts: Iterable<Attempt>): readonly JobStatus[] {
    const running = new Map<Job, number>();
    for (const { stage } of attempts)
      for (const job of stage.jobs) running.set(job, (running.get(job) ?? 0) + 1);
    return [...this.#jobs].map((job) => statusOf(job, running.get(job) ?? 0));
  }

  #identity(job: Job): { readonly framework: string; readonly jobId: string } {
    return { framework: this.#framework, jobId: job.spec.id };
  }
}
