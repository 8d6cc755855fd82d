/** The jobs that could use a slot, in the order in which they are to get one. */
import type { JobInProgress } from './jobInProgress.ts';
import { comparePools, type Pool, type Scheduling } from './pools.ts';

/** A queue of jobs. What a job runs changes only while the job is outside. */
export interface JobQueue {
  readonly size: number;
  /** The job that is next, leaving out some. */
  first(except: ReadonlySet<JobInProgress>): JobInProgress | undefined;
  add(job: JobInProgress): void;
  /** Removes a job, if it is there. */
  remove(job: JobInProgress): void;
}

/** The queue of a policy. */
export function jobQueue(scheduling: Scheduling): JobQueue {
  switch (scheduling.policy) {
    case 'fifo':
      return new SortedJobs(bySubmission);
    case 'fair':
      return new PooledJobs();
    default:
      return scheduling satisfies never;
  }
}

type Comparison = (a: JobInProgress, b: JobInProgress) => number;

const bySubmission: Comparison = (a, b) => a.order - b.order;
/** The fewest running tasks first, then the earliest. */
const byRunning: Comparison = (a, b) => a.running - b.running || a.order - b.order;

/** A sorted list: finding takes O(log n), moving a short copy. */
class SortedJobs implements JobQueue {
  readonly #jobs: JobInProgress[] = [];
  readonly #compare: Comparison;

  constructor(compare: Comparison) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#jobs.length;
  }

  first(except: ReadonlySet<JobInProgress>): JobInProgress | undefined {
    return except.size === 0 ? this.#jobs[0] : this.#jobs.find((job) => !except.has(job));
  }

  add(job: JobInProgress): void {
    this.#jobs.splice(this.#place(job), 0, job);
  }

  remove(job: JobInProgress): void {
    const place = this.#place(job);
    if (this.#jobs[place] === job) this.#jobs.splice(place, 1);
  }

  /** The place of the first job that does not come before this one. */
  #place(job: JobInProgress): number {
    let low = 0;
    let high = this.#jobs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#jobs[middle] as JobInProgress, job) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Fair sharing between pools, and within each between its jobs. */
class PooledJobs implements JobQueue {
  readonly #pools = new Map<Pool, SortedJobs>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  first(except: ReadonlySet<JobInProgress>): JobInProgress | undefined {
    let best: JobInProgress | undefined;
    for (const jobs of this.#pools.values()) {
      const job = jobs.first(except);
      if (job !== undefined && (best === undefined || comesBefore(job, best))) best = job;
    }
    return best;
  }

  add(job: JobInProgress): void {
    let jobs = this.#pools.get(job.pool);
    if (jobs === undefined) {
      jobs = new SortedJobs(byRunning);
      this.#pools.set(job.pool, jobs);
    }
    jobs.add(job);
    this.#size += 1;
  }

  remove(job: JobInProgress): void {
    const jobs = this.#pools.get(job.pool);
    if (jobs === undefined) return;
    const before = jobs.size;
    jobs.remove(job);
    this.#size += jobs.size - before;
    if (jobs.size === 0) this.#pools.delete(job.pool);
  }
}

/** Of jobs of different pools. */
const comesBefore = (a: JobInProgress, b: JobInProgress): boolean =>
  (comparePools(a.pool, b.pool) || a.order - b.order) < 0;
