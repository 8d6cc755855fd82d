/** The executor of a load: its tasks take time. The same in virtual time and for real, where they may also keep a core busy. */
import * as v from 'valibot';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import { type Packed, packed, unpacked, withOne, without } from '../../mesos/driver/packed.ts';
import { decodeData, type Immutable, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { ResourcesSchema } from '../../mesos/protocol/resources.ts';
import { checkOf } from '../../mesos/protocol/schemaCheck.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';
import type { Machine } from './machine.ts';

const WorkSchema = v.object({
  work: v.picklist(['sleep', 'spin']),
  ms: v.pipe(v.number(), v.finite(), v.minValue(0)),
  grace: v.exactOptional(v.literal('used')),
  /** Of a machine that tasks share; absent: what it has. */
  needs: v.exactOptional(ResourcesSchema),
});
/** `data` of a task. */
export type Work = Immutable<v.InferOutput<typeof WorkSchema>>;

const isWork = checkOf(WorkSchema);

/** Throws a ValiError if it is no work. Looked at without a copy of it, in a fraction of the time: there are very many tasks. */
function workOf(data: string | undefined): Work {
  const value = decodeData(data);
  return isWork(value) ? (value as Work) : v.parse(WorkSchema, value);
}

/** Keeps a core busy; what it returns ends that. */
export type Spin = () => { stop(): void };

/** Of the time that a task is given when it is to end, what it uses at most: its slave counts from when it was told. */
const GRACE_PART = 0.9;

/** How the executor works. */
export interface LoadExecutorOptions {
  /** Absent: its tasks only ever sleep, as in virtual time. */
  readonly spin?: Spin;
  /** Of the slave, in virtual time. Absent: tasks are never in each other's way. */
  readonly machine?: Machine;
  /** It ends when it has had no task for so long; absent: it waits for more. */
  readonly idleMs?: Millis;
}

/** Makes the executor. */
export function createLoadExecutor(options: LoadExecutorOptions = {}): ExecutorFactory {
  return (driver) => new LoadExecutor(driver, options);
}

/** What ends with a task: its timer, and that a core is kept busy. */
type Running = Pick<Timer, 'cancel'>;

/** A task that runs, and is told when it has for as long as it takes. A class, because an emulated cluster has a hundred thousand of them. */
class RunningTask {
  readonly executor: LoadExecutor;
  readonly id: TaskId;
  running: Running | undefined = undefined;
  /** Whether it uses its grace; of one that is being killed, what ends it. */
  grace: 'none' | 'used' | Timer;

  constructor(executor: LoadExecutor, id: TaskId, grace: 'used' | 'none') {
    this.executor = executor;
    this.id = id;
    this.grace = grace;
  }

  due(): void {
    this.executor.end(this, 'TASK_FINISHED');
  }
}

/** A class for the same reason. */
class LoadExecutor implements Executor {
  readonly #driver: ExecutorDriver;
  readonly #options: LoadExecutorOptions;
  #tasks: Packed<RunningTask> = packed();
  #idle: Timer | undefined;

  constructor(driver: ExecutorDriver, options: LoadExecutorOptions) {
    this.#driver = driver;
    this.#options = options;
  }

  registered(): void {}

  frameworkMessage(): void {}

  launchTask({ taskId, data, resources }: TaskInfo): void {
    this.#idle?.cancel();
    this.#idle = undefined;
    const { spin, machine } = this.#options;
    const { work, ms, grace, needs = resources } = workOf(data);
    this.#driver.sendStatus(taskId, 'TASK_RUNNING');
    const task = new RunningTask(this, taskId, grace ?? 'none');
    const timer = machine?.run(this.#driver, needs, ms, () => task.due()) ?? this.#driver.after(ms, task);
    const spinning = work === 'spin' ? spin?.() : undefined;
    task.running = spinning === undefined ? timer : withSpinning(timer, spinning);
    this.#tasks = withOne(this.#tasks, task);
  }

  killTask(taskId: TaskId, graceMs: Millis = 0): void {
    const task = unpacked(this.#tasks).find(({ id }) => id === taskId);
    if (task === undefined) return;
    if (task.grace === 'none' || graceMs === 0) return this.end(task, 'TASK_KILLED');
    if (task.grace !== 'used') task.grace.cancel();
    task.grace = this.#driver.after(graceMs * GRACE_PART, () => this.end(task, 'TASK_KILLED'));
  }

  shutdown(): void {
    for (const task of unpacked(this.#tasks)) this.end(task, 'TASK_KILLED');
  }

  /** Ends a task that runs. */
  end(task: RunningTask, state: TaskState): void {
    task.running?.cancel();
    if (typeof task.grace === 'object') task.grace.cancel();
    this.#tasks = without(this.#tasks, task);
    this.#driver.sendStatus(task.id, state);
    const { idleMs } = this.#options;
    if (unpacked(this.#tasks).length === 0 && idleMs !== undefined)
      this.#idle = this.#driver.after(idleMs, () => this.#driver.stop());
  }
}

function withSpinning(timer: Running, spinning: ReturnType<Spin>): Running {
  return {
    cancel() {
      timer.cancel();
      spinning.stop();
    },
  };
}
