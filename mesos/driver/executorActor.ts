/** The executor driver: an actor between a framework's executor and its slave. */
import { type EndedTasks, hasEnded, NONE_ENDED, withEnded } from '../protocol/endedTasks.ts';
import type {
  ExecutorId,
  FrameworkId,
  FrameworkInfo,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import type { HistoryEvent } from '../protocol/history.ts';
import { EXECUTOR_INBOX } from '../protocol/message.ts';
import { isTerminal, type TaskState } from '../protocol/tasks.ts';
import type { Actor, ActorKind, Address, Context, Due, Millis, Random, Timer } from '../runtime/actor.ts';
import { FewBy } from '../runtime/few.ts';
import { UuidSource } from '../runtime/uuid.ts';
import type { Executor, ExecutorDriver, ExecutorFactory, StatusDetail } from './executor.ts';

/** What an executor driver needs. */
export interface ExecutorActorOptions {
  readonly slave: Address;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  /** Of the container that it was started in, if it was told. */
  readonly containerId?: string;
  readonly factory: ExecutorFactory;
  /**
   * How long it waits for its slave to come back when that is gone, while its tasks run on; absent: it ends with its slave.
   */
  readonly recoveryTimeoutMs?: Millis | undefined;
  /**
   * The executor is to end: it was told to, wants to, its slave is gone, or refused it. Called once, when every update that it
   * sent has been acknowledged or cannot be any more. `reason` undefined: it had nothing more to do.
   */
  ended(reason: string | undefined): void;
}

/** First wait before subscribing again; doubles, with jitter, up to {@link BACKOFF_MAX_MS}. */
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 500;
/** How long to wait for an answer to a subscription: the slave's process may be there before its slave is. */
const ANSWER_MS = 500;

/** An executor's driver, as an actor. */
export function executorActor(options: ExecutorActorOptions): ActorKind<ExecutorEvent> {
  return { inbox: EXECUTOR_INBOX, create: (context) => new ExecutorActor(context, options) };
}

type State =
  | { readonly is: 'subscribing' }
  | { readonly is: 'subscribed' }
  /** The slave was there, and is gone. `retry` asks again, `patience` ends. */
  | { readonly is: 'orphaned'; retry: Timer; readonly patience: Timer }
  /** It ends when its updates are acknowledged. */
  | { readonly is: 'ending'; readonly reason: string }
  | { readonly is: 'ended' };

const SUBSCRIBING: State = { is: 'subscribing' };
const SUBSCRIBED: State = { is: 'subscribed' };

/** Where a task is that has not ended. */
type Phase =
  /** The slave has acknowledged no update of it. */
  | TaskInfo
  | 'known'
  /** Being killed, as the framework was told. */
  | 'killed';

/** Actor, driver and the source of its updates' ids in one: of those of emulated executors there may be a hundred thousand in a process. */
class ExecutorActor extends UuidSource implements Actor<ExecutorEvent>, ExecutorDriver {
  readonly #context: Context;
  readonly #options: ExecutorActorOptions;
  readonly #executor: Executor;
  /** Updates that the slave has not acknowledged, if there are any. */
  #updates: FewBy<TaskStatus> | undefined;
  /** Those that have not ended. */
  readonly #tasks = new FewBy<Phase>();
  /** Those that ended last. */
  #ended: EndedTasks = NONE_ENDED;
  /** As the slave told last; undefined: the executor is not registered. */
  #framework: FrameworkInfo | undefined;
  /** There is nothing more to do. */
  #isDone = false;
  /** When the tasks have ended that the executor was told to end; undefined: it was not. */
  #tasksEnd: Promise<void> | 'at once' | undefined;
  #backoffMs: Millis = BACKOFF_MIN_MS;
  #state: State = SUBSCRIBING;

  constructor(context: Context, options: ExecutorActorOptions) {
    super(context.random);
    this.#context = context;
    this.#options = options;
    this.#executor = options.factory(this);
    this.#subscribe();
  }

  receive(event: ExecutorEvent): void {
    switch (event.type) {
      case 'SUBSCRIBED':
        return this.#subscribed(event);
      case 'LAUNCH':
        return this.#launch(event.task);
      case 'KILL':
        return this.#kill(event.taskId, event.gracePeriodMs);
      case 'MESSAGE':
        return this.#executor.frameworkMessage(event.data);
      case 'ACKNOWLEDGED':
        return this.#acknowledged(event.taskId, event.uuid);
      case 'SHUTDOWN':
        if (this.#state.is === 'ending' || this.#state.is === 'ended') return;
        this.#stopWaiting();
        return this.#shutdown();
      case 'ERROR':
        return this.#abandon(event.message);
      default:
        event satisfies never;
    }
  }

  lost(): void {
    const { recoveryTimeoutMs } = this.#options;
    const { is } = this.#state;
    if (recoveryTimeoutMs === undefined || is === 'ending' || is === 'ended')
      return this.#abandon('the slave is gone');
    if (this.#state.is === 'orphaned') this.#state.retry.cancel();
    const retry = this.#context.after(this.#nextBackoff(), () => this.#subscribeAgain());
    if (this.#state.is === 'orphaned') this.#state.retry = retry;
    else {
      const patience = this.#context.after(recoveryTimeoutMs, () =>
        this.#abandon('the slave did not come back in time'),
      );
      this.#state = { is: 'orphaned', retry, patience };
    }
  }

  // What the framework's executor may do.

  get random(): Random {
    return this.#context.random;
  }

  now(): Millis {
    return this.#context.now();
  }

  after(delay: Millis, due: Due): Timer {
    return this.#context.after(delay, due);
  }

  record(event: HistoryEvent): void {
    this.#context.record(event);
  }

  sendFrameworkMessage(data: string): void {
    const { frameworkId, executorId } = this.#options;
    this.#send({ type: 'MESSAGE', frameworkId, executorId, data });
  }

  stop(): void {
    this.#isDone = true;
    this.#endIfDone();
  }

  sendStatus(taskId: TaskId, state: TaskState, detail?: StatusDetail): void {
    const uuid = this.nextUuid();
    const timestamp = this.#context.now() / 1000;
    const status: TaskStatus = { taskId, state, source: 'SOURCE_EXECUTOR', timestamp, uuid, ...detail };
    this.#updates ??= new FewBy();
    this.#updates.set(uuid, status);
    if (isTerminal(state)) this.#forget(taskId);
    this.#update(status);
  }

  get #unacknowledged(): Iterable<TaskStatus> {
    return this.#updates?.values() ?? [];
  }

  #update(status: TaskStatus): void {
    const { frameworkId, executorId } = this.#options;
    this.#send({ type: 'UPDATE', frameworkId, executorId, status });
  }

  /** What is said while the slave is gone is not lost: updates are told when it is back. */
  #send(call: ExecutorCall): void {
    if (this.#state.is !== 'orphaned') this.#context.send(this.#options.slave, call);
  }

  #subscribe(): void {
    const { slave, frameworkId, executorId, containerId } = this.#options;
    this.#context.watch(slave);
    this.#context.send(slave, {
      type: 'SUBSCRIBE',
      frameworkId,
      executorId,
      ...(containerId !== undefined && { containerId }),
      unacknowledgedUpdates: [...this.#unacknowledged],
      unacknowledgedTasks: [...this.#tasks.values()].filter((phase) => typeof phase === 'object'),
    });
  }

  #subscribeAgain(): void {
    if (this.#state.is !== 'orphaned') return;
    this.#subscribe();
    const waitMs = Math.max(ANSWER_MS, this.#nextBackoff());
    this.#state.retry = this.#context.after(waitMs, () => this.#subscribeAgain());
  }

  #nextBackoff(): Millis {
    const waitMs = this.#backoffMs * (0.5 + this.#context.random.uniform());
    this.#backoffMs = Math.min(2 * this.#backoffMs, BACKOFF_MAX_MS);
    return waitMs;
  }

  #subscribed(event: ExecutorEvent & { type: 'SUBSCRIBED' }): void {
    switch (this.#state.is) {
      case 'subscribing':
      case 'orphaned':
        this.#stopWaiting();
        this.#backoffMs = BACKOFF_MIN_MS;
        this.#state = SUBSCRIBED;
        if (this.#register(event.frameworkInfo)) this.#executor.registered(event);
        // Those that were made since it asked; of the others the slave knows that it has them.
        for (const status of this.#unacknowledged) this.#update(status);
        return;
      case 'subscribed':
      case 'ending':
      case 'ended':
        return;
      default:
        this.#state satisfies never;
    }
  }

  /** Notes what the framework is. Returns if the executor had not been told. */
  #register(framework: FrameworkInfo): boolean {
    const isFirst = this.#framework === undefined;
    this.#framework = framework;
    return isFirst;
  }

  /** Starts a task, once, however often it is told to. */
  #launch(task: TaskInfo): void {
    const { taskId } = task;
    if (this.#isDone || this.#state.is === 'ending' || this.#state.is === 'ended') return;
    if (hasEnded(this.#ended, this.#options.frameworkId, taskId)) {
      // Said to a slave that knows how it ended, this means nothing; to one that gives an id twice, that it must not wait.
      const message = 'A task of this id has ended here; give each its own';
      return this.sendStatus(taskId, 'TASK_LOST', { reason: 'REASON_TASK_INVALID', message });
    }
    if (this.#tasks.has(taskId)) return;
    this.#tasks.set(taskId, task);
    this.#executor.launchTask(task);
  }

  #kill(taskId: TaskId, graceMs: Millis | undefined): void {
    const phase = this.#tasks.get(taskId);
    const tellsKilling = this.#framework?.capabilities?.includes('TASK_KILLING_STATE');
    if (tellsKilling && phase !== undefined && phase !== 'killed') {
      this.#tasks.set(taskId, 'killed');
      this.sendStatus(taskId, 'TASK_KILLING');
    }
    if (graceMs === undefined) this.#executor.killTask(taskId);
    else this.#executor.killTask(taskId, graceMs);
  }

  #forget(taskId: TaskId): void {
    this.#tasks.delete(taskId);
    this.#ended = withEnded(this.#ended, this.#options.frameworkId, taskId);
  }

  #acknowledged(taskId: TaskId, uuid: string): void {
    this.#updates?.delete(uuid);
    if (this.#updates?.size === 0) this.#updates = undefined;
    if (typeof this.#tasks.get(taskId) === 'object') this.#tasks.set(taskId, 'known');
    this.#endIfDone();
  }

  #shutdown(): void {
    this.#state = { is: 'ending', reason: 'told to shut down' };
    const done = (): void => {
      this.#isDone = true;
      this.#endIfDone();
    };
    const ending = this.#endTasks();
    if (ending === 'at once') done();
    else void ending.then(done);
  }

  /** Tells the executor, once. */
  #endTasks(): Promise<void> | 'at once' {
    this.#tasksEnd ??= this.#executor.shutdown() ?? 'at once';
    return this.#tasksEnd;
  }

  #endIfDone(): void {
    if (!this.#isDone || this.#updates !== undefined || this.#state.is === 'ended') return;
    this.#end(this.#state.is === 'ending' ? this.#state.reason : undefined);
  }

  /** Ends without its slave, as soon as its tasks have ended. */
  #abandon(reason: string): void {
    if (this.#state.is === 'ended') return;
    this.#stopWaiting();
    const ending = this.#endTasks();
    if (ending === 'at once') return this.#end(reason);
    this.#state = { is: 'ended' };
    void ending.then(() => this.#options.ended(reason));
  }

  #end(reason: string | undefined): void {
    this.#stopWaiting();
    this.#state = { is: 'ended' };
    this.#options.ended(reason);
  }

  #stopWaiting(): void {
    if (this.#state.is !== 'orphaned') return;
    this.#state.retry.cancel();
    this.#state.patience.cancel();
  }
}
