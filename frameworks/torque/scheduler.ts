/**
 * The queue server as a Mesos framework, as the paper's Torque and MPI ports do it (NSDI'11 §5): an accepted slot is a task, a
 * rank daemon, which reports that it runs and waits; a job starts when all its ranks wait. Offers are wanted only while the
 * queue needs slots, and never more slots are taken than it needs, nor more than the framework is guaranteed.
 */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { ExecutorId, Offer, SlaveId, TaskStatus } from '../../mesos/protocol/entities.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { JobControl } from '../jobBoard.ts';
import { PeerSchema, RankResultSchema, readMessage, StartedSchema } from '../mpi/message.ts';
import { Allowance } from './allowance.ts';
import { Calendar } from './calendar.ts';
import type { TorqueConfig } from './config.ts';
import { queueControl } from './control.ts';
import type { Gang } from './gang.ts';
import { Hoard } from './hoard.ts';
import type { TorqueJob } from './job.ts';
import { type JobRun, newJobRun, statusOf, summarise } from './jobRun.ts';
import { compacted, endOf, type Journal, NO_JOURNAL, replay } from './journal.ts';
import { describeLoss, isSlotGone } from './loss.ts';
import { type Held, JobQueue } from './queue.ts';
import { ENDED_JOBS_MAX, JobRoster } from './roster.ts';
import { SlotBook } from './slotBook.ts';
import { checkConfirmed, sendStarts, startOf } from './start.ts';
import type { JobOutcome, TorqueJobSummary, TorqueSummary } from './summary.ts';
import { ticks } from './ticks.ts';

/** Messages to ranks and kills may get lost: they are sent again this often until there is an answer. */
const REPEAT_MS: Millis = 1000;

/** Whom to tell what. */
export interface TorqueSchedulerOptions {
  /**
   * Called once, when the server is made: from now on it may be told of jobs, from outside of its callbacks. Those that come
   * before it is registered wait for that.
   */
  readonly onReady?: (control: JobControl<TorqueJob>) => void;
  /** A job has ended. */
  readonly onJobEnded?: (summary: TorqueJobSummary) => void;
  /** Called once, when all jobs have ended and no more are to come, or the master has refused the framework. */
  readonly onDone: (summary: TorqueSummary) => void;
  /** Where it keeps its jobs for the server that comes after it, and finds those of the one before; none: nowhere. */
  readonly journal?: Journal;
}

/** A queue server for these jobs, the same in virtual time and for real, with a master and without. */
export function createTorqueScheduler(
  config: TorqueConfig,
  options: TorqueSchedulerOptions,
): SchedulerFactory {
  return (driver) => new TorqueScheduler(config, options, driver);
}

class TorqueScheduler implements Scheduler {
  readonly #config: TorqueConfig;
  readonly #onJobEnded: (summary: TorqueJobSummary) => void;
  readonly #onDone: (summary: TorqueSummary) => void;
  readonly #driver: SchedulerDriver;
  readonly #roster: JobRoster;
  readonly #journal: Journal;
  /** Jobs of the configuration, whose times count from the registration; undefined if they were taken before. */
  readonly #configured: readonly JobRun[] | undefined;
  readonly #queue: JobQueue;
  readonly #slots: SlotBook;
  readonly #hoard: Hoard;
  readonly #calendar: Calendar;
  readonly #allowance: Allowance;
  /** When the queue is looked at. */
  readonly #poll: () => void;
  /** When jobs are started that have all their slots. */
  readonly #iterate: () => void;
  #repeat: Timer | undefined;
  /** How many slots the driver was last told of that are needed; undefined after a registration. */
  #told: number | undefined;
  #state: 'unregistered' | 'active' | 'done' = 'unregistered';

  constructor(config: TorqueConfig, options: TorqueSchedulerOptions, driver: SchedulerDriver) {
    this.#config = config;
    this.#onDone = options.onDone;
    this.#journal = options.journal ?? NO_JOURNAL;
    this.#onJobEnded = options.onJobEnded ?? (() => {});
    this.#driver = driver;
    this.#slots = new SlotBook(driver);
    this.#queue = new JobQueue(config);
    this.#hoard = new Hoard(config, driver, {
      queue: this.#queue,
      slots: this.#slots,
      settle: () => this.#settle(),
    });
    this.#roster = new JobRoster(config.keepRunning ? ENDED_JOBS_MAX : Number.POSITIVE_INFINITY);
    this.#calendar = new Calendar(driver, this.#roster, {
      submit: (run, intendedMs) => this.#submit(run, intendedMs),
      settle: () => this.#settle(),
    });
    this.#allowance = new Allowance(config, driver);
    this.#poll = ticks(driver, config.pollMs, () => this.#lookAtQueue());
    this.#iterate = ticks(driver, config.iterationMs, () => this.#startComplete());
    const { configured, runs } = replay(this.#journal.load());
    if (!configured && config.jobs.length > 0) {
      // Some may have been kept before the server died over it.
      const known = new Set(runs.map(({ job }) => job.id));
      const jobs = config.jobs.filter(({ id }) => !known.has(id));
      this.#configured = jobs.map((job) => newJobRun(job, driver.now()));
    }
    for (const run of [...runs, ...(this.#configured ?? [])]) this.#roster.add(run);
    options.onReady?.(this.#control());
  }

  registered(): void {
    if (this.#state === 'done') return;
    this.#told = undefined;
    this.#allowance.registered();
    if (this.#state === 'unregistered') {
      this.#state = 'active';
      this.#takeConfigured();
      this.#calendar.expect(this.#roster.all());
      this.#stopIfDone();
    } else {
      this.#repeatUnanswered();
      this.#slots.settle();
    }
    this.#lookAtQueue();
    this.#keepRepeating();
  }

  resourceOffers(offers: readonly Offer[]): void {
    if (this.#state !== 'active') return;
    for (const offer of offers) {
      const taken = this.#hoard.take(offer);
      this.#driver.replyToOffer(
        [offer.id],
        taken.map(({ gang, slot }) => gang.task(slot)),
      );
    }
    this.#settle();
  }

  statusUpdate(status: TaskStatus): void {
    if (this.#state !== 'active') return;
    const held = this.#slots.get(status.taskId);
    if (held === undefined) this.#slots.heardOf(status);
    else this.#updateHeld(held, status);
    this.#settle();
  }

  frameworkMessage(_slaveId: SlaveId, _executorId: ExecutorId, data: string): void {
    const started = readMessage(StartedSchema, data);
    const held = started && this.#slots.get(started.taskId);
    if (held === undefined || held.run.now.state !== 'running') return;
    if (held.slot.now.phase === 'waiting') held.slot.now = { phase: 'working' };
    checkConfirmed(held.run.now);
  }

  executorLost(_slaveId: SlaveId, executorId: ExecutorId): void {
    this.#slots.executorLost(executorId);
  }

  slaveLost(slaveId: SlaveId): void {
    this.#slots.slaveLost(slaveId);
  }

  /** No offer is ever kept, so none can be missed. */
  offerRescinded(): void {}

  /** Running ranks go on; what is said meanwhile is said again by the repeats and at the next registration. */
  disconnected(): void {}

  error(message: string): void {
    if (this.#state === 'done') return;
    for (const run of this.#roster.all())
      if (run.now.state !== 'ended')
        this.#markEnded(run, 'failed', `the master refused the framework: ${message}`);
    this.#finish();
  }

  // From outside.

  #control(): JobControl<TorqueJob> {
    return queueControl({
      roster: this.#roster,
      slotsMax: () => this.#allowance.slots,
      closed: () =>
        this.#state === 'done' ? 'The queue server has ended and takes no more jobs.' : undefined,
      jobs: () => this.#roster.all().map((run) => statusOf(run, this.#allowance.slots, this.#config)),
      take: (job) => {
        const run = newJobRun(job, this.#driver.now());
        this.#journal.append({ kind: 'taken', atMs: run.takenMs, job });
        this.#roster.add(run);
        if (this.#state === 'active') this.#calendar.expect([run]);
        this.#settle();
      },
      delete: (run) => {
        this.#hoard.giveBack(run);
        this.#endJob(run, 'deleted', 'it was deleted');
        this.#settle();
      },
      setHeld: (run, held) => {
        this.#journal.append({ kind: held ? 'held' : 'released', jobId: run.job.id });
        this.#queue.setHeld(run, held);
        if (held && run.now.state === 'gathering') this.#hoard.requeue(run);
        this.#settle();
      },
    });
  }

  // Submission and the queue.

  #takeConfigured(): void {
    if (this.#configured === undefined) return;
    for (const run of this.#configured) run.takenMs = this.#driver.now();
    this.#journal.append(
      ...compacted({ configured: true, runs: this.#configured }, Number.POSITIVE_INFINITY),
    );
  }

  #submit(run: JobRun, intendedMs: Millis): void {
    const { id: jobId, kind, ranks: tasks } = run.job;
    run.submittedMs = intendedMs;
    this.#queue.enter(run);
    const framework = this.#config.name;
    this.#driver.record({ event: 'job-submitted', framework, jobId, kind, tasks, intendedMs });
  }

  /** Ends every callback. */
  #settle(): void {
    if (this.#state !== 'active') return;
    this.#poll();
    this.#keepRepeating();
  }

  /** Lets jobs gather that may, and tells the driver whether slots are needed. */
  #lookAtQueue(): void {
    if (this.#state !== 'active') return;
    for (let outdone = this.#admit(); outdone.length > 0; outdone = this.#admit())
      for (const run of outdone) this.#hoard.requeue(run);
    const needed = this.#queue.missing;
    if (this.#told === undefined || needed === 0 ? needed !== this.#told : needed > this.#told)
      this.#driver.setNeedsOffers(needed > 0);
    this.#told = needed;
    this.#keepRepeating();
  }

  #admit(): readonly JobRun[] {
    const slotsMax = this.#allowance.slots;
    return this.#queue.admit({ nowMs: this.#driver.now(), slotsMax, ending: this.#slots.ending });
  }

  // Running.

  #updateHeld(held: Held, status: TaskStatus): void {
    const { run, slot } = held;
    if (status.state === 'TASK_RUNNING') this.#slotRuns(held, status);
    if (!isTerminal(status.state)) return;
    this.#slots.forget(slot);
    if (status.state === 'TASK_FINISHED' && run.now.state === 'running') this.#rankFinished(held, status);
    else if (run.now.state === 'gathering' && isSlotGone(status)) this.#queue.drop(held);
    else this.#failAttempt(held, describeLoss(status));
  }

  #slotRuns(held: Held, status: TaskStatus): void {
    const { run, gang, slot } = held;
    if (slot.now.phase !== 'launched' || run.now.state !== 'gathering') return;
    const peer = readMessage(PeerSchema, status.data);
    if (peer === undefined) {
      // The master's own word on a task carries no data; the rank's own is still to come.
      if (status.source !== 'SOURCE_EXECUTOR') return;
      this.#failAttempt(held, 'it did not say where it listens: its executor is not an MPI rank');
      return;
    }
    slot.now = { phase: 'waiting', peer };
    if (gang.complete) this.#iterate();
  }

  /** Starts the jobs that have all their slots. */
  #startComplete(): void {
    if (this.#state !== 'active') return;
    for (const run of [...this.#queue.gathering])
      if (run.now.state === 'gathering' && run.now.gang.complete) this.#start(run, run.now.gang);
    this.#keepRepeating();
  }

  #start(run: JobRun, gang: Gang): void {
    const { name: framework, hoardTimeoutMs } = this.#config;
    const running = startOf(run, gang, this.#config, this.#driver, {
      unconfirmed: (held) => {
        this.#failAttempt(held, `it did not confirm the start within ${hoardTimeoutMs / 1000} s`);
        this.#settle();
      },
      exceeded: (wallTimeMs) => {
        this.#hoard.giveBack(run);
        this.#endJob(run, 'failed', `it ran longer than its wall time of ${wallTimeMs / 1000} s`);
        this.#settle();
      },
    });
    this.#queue.move(run, running);
    run.startedMs = this.#driver.now();
    this.#driver.record({ event: 'job-started', framework, jobId: run.job.id });
    sendStarts(this.#driver, running);
  }

  #rankFinished({ run, gang, slot }: Held, status: TaskStatus): void {
    if (run.now.state !== 'running') return;
    slot.now = { phase: 'finished', result: readMessage(RankResultSchema, status.data) };
    checkConfirmed(run.now);
    if (!gang.slots.every(({ now }) => now.phase === 'finished')) return;
    const first = gang.slots[0]?.now;
    run.result = first?.phase === 'finished' ? first.result : undefined;
    this.#endJob(run, 'finished');
  }

  // Ending.

  #failAttempt({ run, gang, slot }: Held, why: string): void {
    const { job } = run;
    const { attemptsMax } = this.#config;
    const reason = `rank ${gang.rankOf(slot)} of job '${job.id}' on ${slot.hostname} failed: ${why}`;
    run.failures++;
    run.failure = `${reason} (attempt ${run.failures} of ${attemptsMax})`;
    this.#journal.append({ kind: 'attempt-failed', jobId: job.id, message: run.failure });
    this.#hoard.requeue(run);
    if (run.failures >= attemptsMax) this.#endJob(run, 'failed', run.failure);
  }

  #endJob(run: JobRun, outcome: JobOutcome, message?: string): void {
    this.#markEnded(run, outcome, message);
    const ended = endOf(run);
    if (ended !== undefined) this.#journal.append(ended);
    const followers = this.#roster.end(run);
    if (this.#state === 'active') this.#calendar.expect(followers);
    // Its slots are free now: no reason to wait any longer.
    this.#queue.wake();
    this.#stopIfDone();
  }

  #markEnded(run: JobRun, outcome: JobOutcome, message?: string): void {
    const reason = message === undefined ? {} : { message };
    const submitted = run.submittedMs !== undefined;
    this.#queue.leave(run, { state: 'ended', outcome, ...reason });
    run.endedMs = this.#driver.now();
    this.#onJobEnded(summarise(run));
    if (!submitted) return;
    const framework = this.#config.name;
    const recorded = outcome === 'deleted' ? 'failed' : outcome;
    this.#driver.record({
      event: 'job-finished',
      framework,
      jobId: run.job.id,
      outcome: recorded,
      ...reason,
    });
  }

  #stopIfDone(): void {
    if (this.#state !== 'active' || this.#config.keepRunning || this.#roster.unended > 0) return;
    this.#finish();
    this.#driver.stop();
  }

  #finish(): void {
    this.#state = 'done';
    this.#repeat?.cancel();
    this.#onDone({ framework: this.#config.name, jobs: this.#roster.all().map(summarise) });
  }

  // What has no answer yet.

  #keepRepeating(): void {
    if (this.#repeat !== undefined || this.#state !== 'active' || !this.#hasUnanswered()) return;
    this.#repeat = this.#driver.after(REPEAT_MS, () => {
      this.#repeat = undefined;
      this.#repeatUnanswered();
      this.#lookAtQueue();
      this.#keepRepeating();
    });
  }

  #hasUnanswered(): boolean {
    return (
      this.#slots.ending > 0 ||
      [...this.#queue.running].some(({ now }) => now.state === 'running' && now.deadline !== undefined) ||
      // Nothing is under way that would tell of more room.
      this.#queue.isStuck
    );
  }

  #repeatUnanswered(): void {
    this.#slots.repeatKills();
    for (const { now } of this.#queue.running) if (now.state === 'running') sendStarts(this.#driver, now);
  }
}
