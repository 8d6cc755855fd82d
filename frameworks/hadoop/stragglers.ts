/** Looks for slow tasks, now and then, and lets their jobs want copies of them (wantedCopies.ts). */
import type { Timer } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { TaskId } from '../../mesos/protocol/entities.ts';
import type { JobInProgress } from './jobInProgress.ts';
import type { Speculation } from './speculation.ts';
import type { Attempt } from './task.ts';
import { copiesMax, wantCopies } from './wantedCopies.ts';

/** What it looks at, and how it changes that. */
export interface Watched {
  readonly attempts: ReadonlyMap<TaskId, Attempt>;
  jobs(): Iterable<JobInProgress>;
  /** Makes a change after which a job may have something to launch, or nothing any more. */
  change(job: JobInProgress, change: () => void): void;
  /** It has looked at all jobs. */
  settled(): void;
}

/** Watches for stragglers as long as something runs. */
export class Stragglers {
  readonly #policy: Speculation;
  readonly #clock: Pick<SchedulerDriver, 'now' | 'after'>;
  readonly #watched: Watched;
  #timer: Timer | undefined;

  constructor(policy: Speculation, clock: Pick<SchedulerDriver, 'now' | 'after'>, watched: Watched) {
    this.#policy = policy;
    this.#clock = clock;
    this.#watched = watched;
  }

  /** Tasks may run: from now on they are watched. */
  watch(): void {
    if (this.#policy.policy === 'off' || this.#timer !== undefined) return;
    if (this.#watched.attempts.size === 0) return;
    this.#timer = this.#clock.after(this.#policy.intervalMs, () => {
      this.#timer = undefined;
      this.#look();
      this.watch();
    });
  }

  #look(): void {
    const policy = this.#policy;
    if (policy.policy === 'off') return;
    const { attempts } = this.#watched;
    let copies = 0;
    for (const { isCopy, unwanted, task } of attempts.values())
      if (isCopy && !unwanted && task.live.length > 1) copies += 1;
    let left = copiesMax(policy, attempts.size) - copies;
    for (const job of this.#watched.jobs()) {
      const wanted = wantCopies(job, policy, this.#clock.now(), left);
      if (wanted.tasks.length === 0 && job.wantedCopies.tasks.length === 0) continue;
      left -= wanted.tasks.length;
      this.#watched.change(job, () => {
        job.wantedCopies = wanted;
      });
    }
    this.#watched.settled();
  }
}
