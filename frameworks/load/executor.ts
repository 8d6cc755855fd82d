/** The executor of a load: its tasks take time. The same in virtual time and for real, where they may also keep a core busy. */
import * as v from 'valibot';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import { FewBy } from '../../mesos/driver/few.ts';
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

/** A task that runs, or a core that is kept busy by one too. */
type Running = Pick<Timer, 'cancel'>;

/** A class, because an emulated cluster has a hundred thousand of them. */
class LoadExecutor implements Executor {
  readonly #driver: ExecutorDriver;
  readonly #options: LoadExecutorOptions;
  /** What ends when each task does. */
  readonly #running = new FewBy<Running>();
  #idle: Timer | undefined;
  /** Of tasks that use their grace; what ends those that are being killed. */
  #graces: Map<TaskId, Timer | undefined> | undefined;

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
    // Bound, not a closure, which with what it holds would be larger: there is one for each task that runs.
    const finish = this.#finish.bind(this, taskId);
    const timer = machine?.run(this.#driver, needs, ms, finish) ?? this.#driver.after(ms, finish);
    const spinning = work === 'spin' ? spin?.() : undefined;
    this.#running.set(taskId, spinning === undefined ? timer : withSpinning(timer, spinning));
    if (grace === undefined) return;
    this.#graces ??= new Map();
    this.#graces.set(taskId, undefined);
  }

  killTask(taskId: TaskId, graceMs: Millis = 0): void {
    if (!this.#graces?.has(taskId) || graceMs === 0) return this.#end(taskId, 'TASK_KILLED');
    this.#graces.get(taskId)?.cancel();
    const killing = this.#driver.after(graceMs * GRACE_PART, () => this.#end(taskId, 'TASK_KILLED'));
    this.#graces.set(taskId, killing);
  }

  shutdown(): void {
    for (const taskId of [...this.#running.keys()]) this.#end(taskId, 'TASK_KILLED');
  }

  #finish(taskId: TaskId): void {
    this.#end(taskId, 'TASK_FINISHED');
  }

  #end(taskId: TaskId, state: TaskState): void {
    const running = this.#running.get(taskId);
    if (running === undefined) return;
    running.cancel();
    this.#graces?.get(taskId)?.cancel();
    this.#graces?.delete(taskId);
    this.#running.delete(taskId);
    this.#driver.sendStatus(taskId, state);
    const { idleMs } = this.#options;
    if (this.#running.size === 0 && idleMs !== undefined)
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
