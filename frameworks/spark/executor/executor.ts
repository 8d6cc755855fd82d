/**
 * Spark's executor, one for each application and slave (NSDI'11 §5.3). It lives as long as its application, and so does what its
 * tasks cached. It takes tasks from Mesos (fine-grained), or by messages within one long task (coarse-grained).
 */
import type { Timer } from '../../../mesos/driver/actor.ts';
import type {
  Executor,
  ExecutorContext,
  ExecutorDriver,
  ExecutorFactory,
} from '../../../mesos/driver/executor.ts';
import type { SlaveInfo, TaskId, TaskInfo } from '../../../mesos/protocol/entities.ts';
import { REPEAT_MS } from '../scheduling/coarseWorkers.ts';
import { unpackTask } from '../stageData.ts';
import {
  type ExecutorData,
  ExecutorDataSchema,
  type Notice,
  OrderSchema,
  pack,
  packData,
  packReport,
  type TaskData,
  unpackData,
} from '../taskData.ts';
import type { Runner, TaskEnd } from './runner.ts';

/** Longer ones are cut: a status carries no more. */
const MESSAGE_LENGTH_MAX = 8000;

/** How a runner is made when the executor knows where it is. Throws an Error of one sentence if it cannot be. */
export type MakeRunner = (data: ExecutorData, slave: SlaveInfo, driver: ExecutorDriver) => Runner;

/** Makes an executor that gives its tasks to a runner. */
export function sparkExecutor(makeRunner: MakeRunner): ExecutorFactory {
  return (driver) => new SparkExecutor(makeRunner, driver);
}

type State =
  | { readonly is: 'new' }
  | { readonly is: 'ready'; readonly runner: Runner }
  /** It cannot run tasks, and says why to each. */
  | { readonly is: 'useless'; readonly why: string };

class SparkExecutor implements Executor {
  readonly #makeRunner: MakeRunner;
  readonly #driver: ExecutorDriver;
  #state: State = { is: 'new' };
  /** Tasks that Mesos launched; true: a long one. */
  readonly #mesosTasks = new Map<TaskId, { readonly isLong: boolean }>();
  /** Tasks within the long one that run. */
  readonly #inner = new Set<TaskId>();
  /** Ends of such tasks that the scheduler has not acknowledged: said again and again. */
  readonly #untold = new Map<TaskId, { notice: Notice; timer: Timer }>();

  constructor(makeRunner: MakeRunner, driver: ExecutorDriver) {
    this.#makeRunner = makeRunner;
    this.#driver = driver;
  }

  registered({ executorInfo, slaveInfo }: ExecutorContext): void {
    // A slave that comes back says so again; the tasks have gone on.
    if (this.#state.is !== 'new') return;
    const data = unpackData(ExecutorDataSchema, executorInfo.data);
    if (data === undefined) {
      this.#state = { is: 'useless', why: 'The data of the executor cannot be read.' };
      return;
    }
    try {
      this.#state = { is: 'ready', runner: this.#makeRunner(data, slaveInfo, this.#driver) };
    } catch (error) {
      this.#state = { is: 'useless', why: (error as Error).message };
    }
  }

  launchTask({ taskId, data }: TaskInfo): void {
    const state = this.#state;
    // A long task has no data: what is to be done in it comes by messages.
    const isLong = data === undefined;
    const task = isLong ? undefined : unpackTask(Buffer.from(data, 'base64'));
    if (state.is !== 'ready' || (!isLong && task === undefined)) {
      const message = state.is === 'useless' ? state.why : 'The data of the task cannot be read.';
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message });
      return;
    }
    this.#mesosTasks.set(taskId, { isLong });
    this.#driver.sendStatus(taskId, 'TASK_RUNNING');
    if (task !== undefined) this.#run(state.runner, taskId, task, (end) => this.#tellMesos(taskId, end));
  }

  killTask(taskId: TaskId): void {
    const task = this.#mesosTasks.get(taskId);
    if (task === undefined || this.#state.is !== 'ready') return;
    if (!task.isLong) return this.#state.runner.kill(taskId);
    for (const inner of this.#inner) this.#state.runner.kill(inner);
    this.#mesosTasks.delete(taskId);
    this.#driver.sendStatus(taskId, 'TASK_KILLED');
  }

  frameworkMessage(data: string): void {
    const order = unpackData(OrderSchema, data);
    if (order === undefined || this.#state.is !== 'ready') return;
    const { runner } = this.#state;
    switch (order.type) {
      case 'launch':
        return this.#launchInner(runner, order.taskId, order.data);
      case 'kill':
        return runner.kill(order.taskId);
      case 'acknowledge':
        this.#untold.get(order.taskId)?.timer.cancel();
        this.#untold.delete(order.taskId);
        return;
      case 'unpersist':
        return runner.unpersist(order.dataset);
      case 'forget-broadcast':
        return runner.forgetBroadcast(order.id);
      default:
        order satisfies never;
    }
  }

  async shutdown(): Promise<void> {
    const state = this.#state;
    this.#state = { is: 'useless', why: 'The executor is shutting down.' };
    for (const { timer } of this.#untold.values()) timer.cancel();
    // Told at once: there may be no time to wait for the ends.
    for (const taskId of this.#mesosTasks.keys()) this.#driver.sendStatus(taskId, 'TASK_KILLED');
    this.#mesosTasks.clear();
    if (state.is === 'ready') await state.runner.close();
  }

  #run(runner: Runner, taskId: TaskId, task: TaskData, ended: (end: TaskEnd) => void): void {
    runner.run(taskId, task, (end) => {
      if (this.#state.is === 'ready') ended(end);
    });
  }

  #tellMesos(taskId: TaskId, end: TaskEnd): void {
    if (!this.#mesosTasks.delete(taskId)) return;
    switch (end.outcome) {
      case 'finished':
        return this.#driver.sendStatus(taskId, 'TASK_FINISHED', {
          data: packReport(end.report).toString('base64'),
        });
      case 'failed':
        return this.#driver.sendStatus(taskId, 'TASK_FAILED', {
          message: end.message.slice(0, MESSAGE_LENGTH_MAX),
          data: packData(end.failure),
        });
      case 'killed':
        return this.#driver.sendStatus(taskId, 'TASK_KILLED');
      default:
        end satisfies never;
    }
  }

  /** The scheduler repeats itself: what runs is not started again, and what has ended neither. */
  #launchInner(runner: Runner, taskId: TaskId, data: Uint8Array): void {
    if (this.#untold.has(taskId)) return;
    this.#tell({ type: 'started', taskId });
    if (this.#inner.has(taskId)) return;
    const task = unpackTask(data);
    const ended = (end: TaskEnd): void => {
      this.#inner.delete(taskId);
      this.#tellUntilHeard(noticeOf(taskId, end));
    };
    if (task === undefined) {
      const message = 'The data of the task cannot be read.';
      return ended({ outcome: 'failed', message, failure: { cache: { added: [], dropped: [] } } });
    }
    this.#inner.add(taskId);
    this.#run(runner, taskId, task, ended);
  }

  #tellUntilHeard(notice: Notice): void {
    const timer = this.#driver.after(REPEAT_MS, () => this.#tellUntilHeard(notice));
    this.#untold.set(notice.taskId, { notice, timer });
    this.#tell(notice);
  }

  #tell(notice: Notice): void {
    this.#driver.sendFrameworkMessage(packData(notice));
  }
}

function noticeOf(taskId: TaskId, end: TaskEnd): Notice {
  switch (end.outcome) {
    case 'finished':
      return { type: 'ended', taskId, outcome: 'finished', data: packReport(end.report) };
    case 'failed':
      return {
        type: 'ended',
        taskId,
        outcome: 'failed',
        message: end.message.slice(0, MESSAGE_LENGTH_MAX),
        data: pack(end.failure),
      };
    case 'killed':
      return { type: 'ended', taskId, outcome: 'killed' };
    default:
      return end satisfies never;
  }
}
