/** Jobs of a load: what they need, and how far they have come. Talks to nobody. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import { sampler } from '../../workloads/distribution.ts';
import { seededUniform, type Uniform } from '../../workloads/random.ts';
import type { JobStatus } from '../jobBoard.ts';
import type { LoadConfig, Size } from './config.ts';

/** A task, through all its attempts. */
export interface LoadTask {
  readonly job: LoadJob;
  readonly lengthMs: Millis;
  failures: number;
}

/** A submitted job. */
export class LoadJob {
  readonly id: string;
  readonly resources: Resources;
  /** What each task needs of the slave's machine, if that is not what it asks for. */
  readonly needs: Resources | undefined;
  readonly submittedMs: Millis;
  /** The user that waits for it; absent in an open load. */
  readonly user: number | undefined;
  /** Tasks that it was submitted with; of an endless one: launched. */
  tasks = 0;
  running = 0;
  finished = 0;
  attempts = 0;
  startedMs: Millis | undefined;
  ended:
    | { readonly atMs: Millis; readonly outcome: 'finished' | 'failed'; readonly message?: string }
    | undefined;
  /** Tasks that wait, in order; the next last. */
  readonly #waiting: LoadTask[] = [];
  /** Of an endless job: makes one more. */
  #nextMs: (() => Millis) | undefined;

  constructor(
    id: string,
    submittedMs: Millis,
    { resources, needs }: Pick<Size, 'resources' | 'needs'>,
    user: number | undefined,
    nextMs?: () => Millis,
  ) {
    this.id = id;
    this.submittedMs = submittedMs;
    this.resources = resources;
    this.needs = needs;
    this.user = user;
    this.#nextMs = nextMs;
  }

  /** How many tasks wait to be launched. */
  get waiting(): number {
    return this.#nextMs === undefined || this.ended !== undefined
      ? this.#waiting.length
      : Number.POSITIVE_INFINITY;
  }

  add(lengthsMs: readonly Millis[]): void {
    this.tasks = lengthsMs.length;
    for (const lengthMs of lengthsMs.toReversed()) this.#waiting.push({ job: this, lengthMs, failures: 0 });
  }

  /** Takes a task to launch. */
  take(): LoadTask | undefined {
    const task = this.#waiting.pop() ?? this.#more();
    if (task !== undefined) this.running++;
    return task;
  }

  /** A task that was taken has to run again. */
  putBack(task: LoadTask): void {
    this.running--;
    this.#waiting.push(task);
  }

  /** A task that was taken is done. True: it was the last. */
  finish(): boolean {
    this.running--;
    this.finished++;
    return this.waiting + this.running === 0;
  }

  /** It has no more tasks than were taken; it is done when these are. True: they are. */
  seal(): boolean {
    this.#nextMs = undefined;
    return this.waiting + this.running === 0;
  }

  /** What it has not done it will not do. */
  end(ended: NonNullable<LoadJob['ended']>): void {
    this.ended = ended;
    this.#waiting.length = 0;
  }

  status(): JobStatus {
    const { id, submittedMs, startedMs, ended, tasks: total, running, finished, attempts } = this;
    return {
      id,
      kind: 'load',
      phase: ended?.outcome ?? (startedMs === undefined ? 'waiting' : 'running'),
      submittedMs,
      ...(startedMs !== undefined && { startedMs }),
      ...(ended && { endedMs: ended.atMs }),
      tasks: { total, running, finished },
      ...(ended?.message !== undefined && { message: ended.message }),
      counters: { attempts },
    };
  }

  #more(): LoadTask | undefined {
    if (this.#nextMs === undefined || this.ended !== undefined) return undefined;
    this.tasks++;
    return { job: this, lengthMs: this.#nextMs(), failures: 0 };
  }
}

/**
 * Makes the jobs of a load, one after the other. What job n is depends on the seed and n alone: the same on every system and
 * however the scheduler behaves.
 */
export class JobMaker {
  readonly #config: LoadConfig;
  readonly #tasksPerJob: () => number;
  #made = 0;

  constructor(config: LoadConfig) {
    this.#config = config;
    this.#tasksPerJob = sampler(config.tasksPerJob, this.#stream('tasks-per-job'));
  }

  /** May there be one more? */
  get hasMore(): boolean {
    return this.#made < (this.#config.jobsMax ?? Number.POSITIVE_INFINITY);
  }

  /** The next job; it is submitted so long after the start. */
  next(submittedMs: Millis, sinceStartMs: Millis, user?: number): LoadJob {
    const n = this.#made++;
    const { taskMs, arrivals } = this.#config;
    const uniform = this.#stream(`job/${n}`);
    const size = this.#size(sinceStartMs, uniform);
    if (arrivals.type === 'endless') {
      const id = n === 0 ? 'endless' : `endless-${n + 1}`;
      return new LoadJob(id, submittedMs, size, user, sampler(taskMs, uniform));
    }
    const job = new LoadJob(`job-${n}`, submittedMs, size, user);
    const tasks = Math.max(1, Math.round(this.#tasksPerJob()));
    job.add(Array.from({ length: Math.min(tasks, TASKS_MAX) }, sampler(taskMs, uniform, n)));
    return job;
  }

  /** Later times from which on jobs have other sizes, in order. */
  get changesMs(): readonly Millis[] {
    const times = new Set(this.#config.sizes.map(({ fromMs }) => fromMs));
    return [...times].filter((ms) => ms > 0).sort((a, b) => a - b);
  }

  #size(sinceStartMs: Millis, uniform: Uniform): Size {
    const latestMs = this.changesMs.findLast((ms) => ms <= sinceStartMs) ?? 0;
    const sizes = this.#config.sizes.filter(({ fromMs }) => fromMs === latestMs);
    let left = uniform() * sizes.reduce((sum, { weight }) => sum + weight, 0);
    for (const size of sizes) {
      left -= size.weight;
      if (left < 0) return size;
    }
    return sizes[0] as Size;
  }

  #stream(name: string): Uniform {
    return seededUniform(`load/${this.#config.seed}/${this.#config.name}/${name}`);
  }
}

/** A distribution may have a long tail; memory has not. */
const TASKS_MAX = 1_000_000;
