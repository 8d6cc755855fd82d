/**
 * Gang scheduling on offers, as the paper's Torque and MPI ports do it (NSDI'11 §5): an accepted slot is a task, a rank
 * daemon, which reports that it runs and waits; a job starts when all its ranks wait. Offers are wanted only while the
 * queue needs slots, and never more slots are taken than it needs.
 *
 * To hold slots while waiting for more is hoarding, and two frameworks that hoard can block each other for ever. So
 * slots that have not become a whole gang in time are given back, and the job tries again after a random time.
 */
import { randomBytes } from 'node:crypto';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import {
  type ExecutorId,
  encodeData,
  type Offer,
  type SlaveId,
  type TaskId,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import { timesContained } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { PeerSchema, RankResultSchema, readMessage, StartedSchema } from '../mpi/message.ts';
import type { MpiProgram } from '../mpi/program.ts';
import type { TorqueConfig } from './config.ts';
import type { Gang, Slot } from './gang.ts';
import { cancelTimer, gangOf, type JobRun, type JobState, newJobRun, summarise } from './jobRun.ts';
import { describeLoss, isSlotGone } from './loss.ts';
import { type Held, JobQueue } from './queue.ts';
import type { TorqueSummary } from './summary.ts';

/** Messages to ranks and kills may get lost: they are sent again this often until there is an answer. */
const REPEAT_MS: Millis = 1000;
/** The random wait before a new try grows with every time-out, up to this many times the time-out. */
const BACK_OFF_MAX = 32;

/** What to do when the framework is done. */
export interface TorqueSchedulerOptions {
  /** Called once, when all jobs have ended or the master has refused the framework. */
  readonly onDone: (summary: TorqueSummary) => void;
}

/** A scheduler for these jobs, the same in virtual time and for real, with a master and without. */
export function createTorqueScheduler(
  config: TorqueConfig,
  options: TorqueSchedulerOptions,
): SchedulerFactory {
  return (driver) => new TorqueScheduler(config, options, driver);
}

class TorqueScheduler implements Scheduler {
  readonly #config: TorqueConfig;
  readonly #onDone: (summary: TorqueSummary) => void;
  readonly #driver: SchedulerDriver;
  readonly #runs: readonly JobRun[];
  readonly #queue: JobQueue;
  /** Slots of the gangs. */
  readonly #held = new Map<TaskId, Held>();
  /** Slots given back whose task is not known to be dead. */
  readonly #ending = new Map<TaskId, Slot>();
  /** Executors told to end, not known to have ended. */
  readonly #leaving = new Map<ExecutorId, SlaveId>();
  /** Submissions to come. */
  readonly #submissions = new Set<Timer>();
  #repeat: Timer | undefined;
  /** How many slots the driver was last told of that are needed; undefined after a registration. */
  #told: number | undefined;
  #state: 'unregistered' | 'active' | 'done' = 'unregistered';

  constructor(config: TorqueConfig, { onDone }: TorqueSchedulerOptions, driver: SchedulerDriver) {
    this.#config = config;
    this.#onDone = onDone;
    this.#driver = driver;
    this.#runs = config.jobs.map(newJobRun);
    this.#queue = new JobQueue(config);
  }

  registered(): void {
    if (this.#state === 'done') return;
    this.#told = undefined;
    if (this.#state === 'unregistered') {
      this.#state = 'active';
      for (const run of this.#runs)
        if (run.job.submission.when === 'at') this.#submitAfter(run, run.job.submission.ms);
    } else {
      this.#repeatUnanswered();
      for (const [executorId, slaveId] of this.#leaving) this.#driver.shutdownExecutor(slaveId, executorId);
      this.#leaving.clear();
      const tasks = [...this.#held.values()].map(({ slot: { taskId, slaveId } }) => ({ taskId, slaveId }));
      if (tasks.length > 0) this.#driver.reconcileTasks(tasks);
    }
    this.#settle();
  }

  resourceOffers(offers: readonly Offer[]): void {
    if (this.#state !== 'active') return;
    for (const offer of offers) {
      const taken = this.#takeSlots(offer);
      this.#driver.replyToOffer(
        [offer.id],
        taken.map(({ gang, slot }) => gang.task(slot)),
      );
    }
    this.#settle();
  }

  statusUpdate(status: TaskStatus): void {
    if (this.#state !== 'active') return;
    const ending = this.#ending.get(status.taskId);
    const held = this.#held.get(status.taskId);
    if (ending !== undefined && isTerminal(status.state)) {
      this.#ending.delete(status.taskId);
      this.#endExecutor(ending);
    } else if (held !== undefined) {
      this.#updateHeld(held, status);
    } else if (ending === undefined) {
      this.#endUnknown(status);
    }
    this.#settle();
  }

  frameworkMessage(_slaveId: SlaveId, _executorId: ExecutorId, data: string): void {
    const started = readMessage(StartedSchema, data);
    const held = started && this.#held.get(started.taskId);
    if (held === undefined || held.run.now.state !== 'running') return;
    if (held.slot.now.phase === 'waiting') held.slot.now = { phase: 'working' };
    this.#checkConfirmed(held.run.now);
  }

  executorLost(_slaveId: SlaveId, executorId: ExecutorId): void {
    this.#leaving.delete(executorId);
  }

  slaveLost(slaveId: SlaveId): void {
    for (const [executorId, where] of this.#leaving) if (where === slaveId) this.#leaving.delete(executorId);
  }

  /** No offer is ever kept, so none can be missed. */
  offerRescinded(): void {}

  /** Running ranks go on; what is said meanwhile is said again by the repeats and at the next registration. */
  disconnected(): void {}

  error(message: string): void {
    if (this.#state === 'done') return;
    for (const run of this.#runs) {
      cancelTimer(run);
      if (run.now.state !== 'ended')
        this.#markEnded(run, 'failed', `the master refused the framework: ${message}`);
    }
    this.#finish();
  }

  // Submission and the queue.

  #submitAfter(run: JobRun, delayMs: Millis): void {
    const intendedMs = this.#driver.now() + delayMs;
    if (delayMs === 0) {
      this.#submit(run, intendedMs);
      return;
    }
    const timer = this.#driver.after(delayMs, () => {
      this.#submissions.delete(timer);
      this.#submit(run, intendedMs);
      this.#settle();
    });
    this.#submissions.add(timer);
  }

  #submit(run: JobRun, intendedMs: Millis): void {
    const { id: jobId, kind, ranks: tasks } = run.job;
    run.now = { state: 'queued' };
    run.submittedMs = intendedMs;
    this.#queue.enter(run);
    const framework = this.#config.name;
    this.#driver.record({ event: 'job-submitted', framework, jobId, kind, tasks, intendedMs });
  }

  /** Lets jobs gather that may, and tells the driver whether slots are needed. Ends every callback. */
  #settle(): void {
    if (this.#state !== 'active') return;
    this.#queue.admit(this.#ending.size);
    const needed = this.#queue.missing;
    if (this.#told === undefined || needed === 0 ? needed !== this.#told : needed > this.#told)
      this.#driver.setNeedsOffers(needed > 0);
    this.#told = needed;
    this.#keepRepeating();
  }

  // Gathering.

  /** Takes what the queue needs of an offer. The first slot of a gang starts its clock. */
  #takeSlots(offer: Offer): readonly Held[] {
    const fits = timesContained(offer.resources, this.#config.slot);
    const taken = this.#queue.take(offer, Math.min(fits, this.#roomOn(offer.slaveId)));
    for (const held of taken) {
      const { run, slot } = held;
      this.#held.set(slot.taskId, held);
      if (run.now.state === 'gathering')
        run.now.deadline ??= this.#driver.after(this.#config.hoardTimeoutMs, () => this.#giveBack(run));
    }
    return taken;
  }

  #roomOn(slaveId: SlaveId): number {
    const { slotsPerSlaveMax } = this.#config;
    if (slotsPerSlaveMax === undefined) return Number.POSITIVE_INFINITY;
    const slots = [...this.#ending.values(), ...[...this.#held.values()].map(({ slot }) => slot)];
    return slotsPerSlaveMax - slots.filter((slot) => slot.slaveId === slaveId).length;
  }

  /** The gang did not become whole in time: others may need its slots more. */
  #giveBack(run: JobRun): void {
    if (run.now.state !== 'gathering') return;
    this.#release(run);
    const growth = Math.min(2 ** run.hoardTimeouts++, BACK_OFF_MAX);
    const delayMs = this.#driver.random.uniform() * this.#config.hoardTimeoutMs * growth;
    const timer = this.#driver.after(delayMs, () => {
      run.now = { state: 'queued' };
      this.#settle();
    });
    run.now = { state: 'backing-off', timer };
    this.#settle();
  }

  // Running.

  #updateHeld(held: Held, status: TaskStatus): void {
    const { run, gang, slot } = held;
    if (status.state === 'TASK_RUNNING') this.#slotRuns(held, status);
    if (!isTerminal(status.state)) return;
    this.#forget(slot);
    if (status.state === 'TASK_FINISHED' && run.now.state === 'running') this.#rankFinished(held, status);
    else if (run.now.state === 'gathering' && isSlotGone(status)) gang.drop(slot);
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
    if (gang.complete) this.#start(run, gang);
  }

  #start(run: JobRun, gang: Gang): void {
    cancelTimer(run);
    const starts = gang.starts(newSecret(run.job.program));
    const deadline = this.#driver.after(this.#config.hoardTimeoutMs, () => this.#startTimedOut(run, gang));
    run.now = { state: 'running', gang, starts, deadline };
    run.startedMs = this.#driver.now();
    this.#driver.record({ event: 'job-started', framework: this.#config.name, jobId: run.job.id });
    this.#sendStarts(run.now);
  }

  #startTimedOut(run: JobRun, gang: Gang): void {
    const slot = gang.slots.find(({ now }) => now.phase === 'waiting');
    if (slot === undefined) return;
    const seconds = this.#config.hoardTimeoutMs / 1000;
    this.#failAttempt({ run, gang, slot }, `it did not confirm the start within ${seconds} s`);
    this.#settle();
  }

  #sendStarts({ gang, starts }: Extract<JobState, { state: 'running' }>): void {
    gang.slots.forEach(({ now, slaveId, executorId }, rank) => {
      const start = starts[rank];
      if (now.phase === 'waiting' && start !== undefined)
        this.#driver.sendFrameworkMessage(slaveId, executorId, encodeData(start));
    });
  }

  #checkConfirmed(now: Extract<JobState, { state: 'running' }>): void {
    if (now.deadline === undefined || now.gang.slots.some((slot) => slot.now.phase === 'waiting')) return;
    now.deadline.cancel();
    now.deadline = undefined;
  }

  #rankFinished({ run, gang, slot }: Held, status: TaskStatus): void {
    if (run.now.state !== 'running') return;
    slot.now = { phase: 'finished', result: readMessage(RankResultSchema, status.data) };
    this.#checkConfirmed(run.now);
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
    this.#release(run);
    run.failures++;
    if (run.failures < attemptsMax) run.now = { state: 'queued' };
    else this.#endJob(run, 'failed', `${reason} (attempt ${run.failures} of ${attemptsMax})`);
  }

  /** Gives back all slots of the job's gang. */
  #release(run: JobRun): void {
    cancelTimer(run);
    for (const slot of gangOf(run)?.slots ?? []) {
      if (!this.#held.delete(slot.taskId)) continue;
      this.#ending.set(slot.taskId, slot);
      this.#driver.killTask(slot.taskId);
    }
  }

  /** A task was thought to be lost and is back again, or another scheduler launched it: nobody waits for it any more. */
  #endUnknown({ state, taskId, slaveId, executorId }: TaskStatus): void {
    if (!isTerminal(state)) this.#driver.killTask(taskId);
    else if (slaveId !== undefined && executorId !== undefined)
      this.#driver.shutdownExecutor(slaveId, executorId);
  }

  /** A slot's task is dead. */
  #forget(slot: Slot): void {
    this.#held.delete(slot.taskId);
    this.#endExecutor(slot);
  }

  /** Each rank has an executor of its own, which has nothing left to do. */
  #endExecutor({ slaveId, executorId }: Slot): void {
    this.#leaving.set(executorId, slaveId);
    this.#driver.shutdownExecutor(slaveId, executorId);
  }

  #endJob(run: JobRun, outcome: 'finished' | 'failed', message?: string): void {
    this.#markEnded(run, outcome, message);
    this.#queue.leave(run);
    for (const next of this.#runs) {
      const { submission } = next.job;
      if (submission.when === 'after' && submission.jobId === run.job.id)
        this.#submitAfter(next, submission.delayMs);
    }
    // Its slots are free now: no reason to wait any longer.
    this.#queue.wake();
    if (this.#runs.every(({ now }) => now.state === 'ended')) {
      this.#finish();
      this.#driver.stop();
    }
  }

  #markEnded(run: JobRun, outcome: 'finished' | 'failed', message?: string): void {
    const reason = message === undefined ? {} : { message };
    const submitted = run.now.state !== 'unsubmitted';
    run.now = { state: 'ended', outcome, ...reason };
    run.endedMs = this.#driver.now();
    const framework = this.#config.name;
    if (submitted)
      this.#driver.record({ event: 'job-finished', framework, jobId: run.job.id, outcome, ...reason });
  }

  #finish(): void {
    this.#state = 'done';
    for (const timer of this.#submissions) timer.cancel();
    this.#repeat?.cancel();
    this.#onDone({ framework: this.#config.name, jobs: this.#runs.map(summarise) });
  }

  // What has no answer yet.

  #keepRepeating(): void {
    if (this.#repeat !== undefined || !this.#hasUnanswered()) return;
    this.#repeat = this.#driver.after(REPEAT_MS, () => {
      this.#repeat = undefined;
      this.#repeatUnanswered();
      this.#keepRepeating();
    });
  }

  #hasUnanswered(): boolean {
    return (
      this.#ending.size > 0 ||
      this.#queue.runs.some(({ now }) => now.state === 'running' && now.deadline !== undefined)
    );
  }

  #repeatUnanswered(): void {
    for (const taskId of this.#ending.keys()) this.#driver.killTask(taskId);
    for (const { now } of this.#queue.runs) if (now.state === 'running') this.#sendStarts(now);
  }
}

/** What the ranks of one attempt prove to each other. Models talk to nobody, and chance would make runs differ. */
function newSecret(program: MpiProgram): string | undefined {
  return program.type === 'model' ? undefined : randomBytes(32).toString('base64url');
}
