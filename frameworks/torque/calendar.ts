/** When jobs are to be submitted: at a time, or when another has ended. */
import type { Clock, Millis } from '../../mesos/driver/actor.ts';
import type { JobRun } from './jobRun.ts';
import type { JobRoster } from './roster.ts';

/** Whom a calendar tells what. */
export interface CalendarEvents {
  /** The job's time has come. */
  submit(run: JobRun, intendedMs: Millis): void;
  /** That was all, of what was told later than within a call of {@link Calendar.expect}. */
  settle(): void;
}

/** See the top of the file. */
export class Calendar {
  readonly #clock: Clock;
  readonly #roster: JobRoster;
  readonly #events: CalendarEvents;

  constructor(clock: Clock, roster: JobRoster, events: CalendarEvents) {
    this.#clock = clock;
    this.#roster = roster;
    this.#events = events;
  }

  /** Expects these jobs, as far as it is known when they are due; those that are due already come in that order. */
  expect(runs: readonly JobRun[]): void {
    const due = runs.flatMap((run) => {
      const dueMs = run.now.state === 'unsubmitted' ? this.#dueMs(run) : undefined;
      return dueMs === undefined ? [] : [{ run, dueMs }];
    });
    for (const { run, dueMs } of due.toSorted((a, b) => a.dueMs - b.dueMs)) {
      const delayMs = dueMs - this.#clock.now();
      if (delayMs <= 0) this.#events.submit(run, dueMs);
      else {
        const timer = this.#clock.after(delayMs, () => {
          this.#events.submit(run, dueMs);
          this.#events.settle();
        });
        run.now = { state: 'unsubmitted', timer };
      }
    }
  }

  #dueMs({ job: { submission }, takenMs }: JobRun): Millis | undefined {
    if (submission.when === 'at') return takenMs + submission.ms;
    const leader = this.#roster.get(submission.jobId);
    if (leader !== undefined && leader.now.state !== 'ended') return undefined;
    return Math.max(leader?.endedMs ?? 0, takenMs) + submission.delayMs;
  }
}
