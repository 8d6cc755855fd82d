/** The jobs that a queue server knows, from the moment it is told of them until it forgets them. */
import type { JobRun } from './jobRun.ts';

/** Most jobs that have ended and are still known to a server that goes on. Older ones are forgotten. */
export const ENDED_JOBS_MAX = 1000;

/** See the top of the file. In the order in which it was told of them. */
export class JobRoster {
  readonly #runs = new Map<string, JobRun>();
  readonly #endedMax: number;
  /** Jobs that wait for the end of another, by its id. */
  readonly #followers = new Map<string, JobRun[]>();
  #ended = 0;

  constructor(endedMax: number) {
    this.#endedMax = endedMax;
  }

  /** How many have not ended. */
  get unended(): number {
    return this.#runs.size - this.#ended;
  }

  get(jobId: string): JobRun | undefined {
    return this.#runs.get(jobId);
  }

  all(): readonly JobRun[] {
    return [...this.#runs.values()];
  }

  /** Takes a job whose id is new; it may have ended. */
  add(run: JobRun): void {
    const { id, submission } = run.job;
    this.#runs.set(id, run);
    if (run.now.state === 'ended') this.#countEnd();
    else if (submission.when === 'after') {
      const followers = this.#followers.get(submission.jobId) ?? [];
      followers.push(run);
      this.#followers.set(submission.jobId, followers);
    }
  }

  /** Notes that a job has ended. Returns those that have been waiting for that. */
  end(run: JobRun): readonly JobRun[] {
    const followers = this.#followers.get(run.job.id) ?? [];
    this.#followers.delete(run.job.id);
    this.#countEnd();
    return followers.filter(({ now }) => now.state === 'unsubmitted');
  }

  /** What the oldest that have ended are forgotten for, if there are too many. */
  #countEnd(): void {
    this.#ended++;
    if (this.#ended <= this.#endedMax) return;
    for (const [id, { now }] of this.#runs)
      if (now.state === 'ended') {
        this.#runs.delete(id);
        this.#ended--;
        return;
      }
  }
}
