/**
 * The jobs that could use a slot, in the order of fair sharing: the fewest running tasks first, then the
 * earliest.
 */
import type { JobInProgress } from './jobInProgress.ts';

/**
 * A sorted list: finding takes O(log n), moving a short copy. A job's `running` changes only while it is
 * outside.
 */
export class FairQueue {
  readonly #jobs: JobInProgress[] = [];

  get size(): number {
    return this.#jobs.length;
  }

  /** The job at a place, 0 being the one that is furthest below its share. */
  at(place: number): JobInProgress | undefined {
    return this.#jobs[place];
  }

  add(job: JobInProgress): void {
    this.#jobs.splice(this.#place(job), 0, job);
  }

  /** Removes a job, if it is there. */
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
      const other = this.#jobs[middle] as JobInProgress;
      const before =
        other.running < job.running || (other.running === job.running && other.order < job.order);
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
