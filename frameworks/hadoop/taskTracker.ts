/**
 * The TaskTracker: Hadoop's executor, one for each framework and slave (NSDI'11 §5). It runs maps and reduces
 * on real data, each in a thread of its own.
 *
 * What it needs, and from where:
 * - the `data` of its ExecutorInfo (TrackerData in taskData.ts): the nodes with the URLs of their file
 *   servers and their folders, how much memory a task may take, where output goes. It finds its own node by
 *   the hostname of its slave;
 * - the environment: the secret of the file servers, `HADOOP_FILE_SECRET`. A slave gives it to its executors
 *   (`--executor_environment_variables`), so that it does not travel with the framework's messages.
 *
 * Unfinished files are in `unfinished/SPACE/TASK` of the node's folder. They go when the task ends; what a
 * TaskTracker leaves behind that was killed itself goes when the next one of its framework starts.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type * as v from 'valibot';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type {
  Executor,
  ExecutorContext,
  ExecutorDriver,
  ExecutorFactory,
} from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { type Progress, readData, TaskDataSchema, type TaskFailure, TrackerDataSchema } from './taskData.ts';
import { unfinishedDir } from './tasks/taskContext.ts';
import type { Unfetchable, WorkerAnswer } from './tasks/worker.ts';
import { type RunningTask, WorkerPool } from './tasks/workerPool.ts';

/** What a TaskTracker gets from its environment. */
export interface TaskTrackerEnvironment {
  /** The secret of the file servers. */
  readonly secret: string;
}

/** Reads the environment of this process. A missing secret shows in the failures of the tasks. */
function readTaskTrackerEnvironment(): TaskTrackerEnvironment {
  return { secret: process.env.HADOOP_FILE_SECRET ?? '' };
}

/** What the tasks of a framework are: another than Hadoop may run its own on TaskTrackers. */
export interface TaskKind {
  /** Of the `data` of a task. */
  readonly data: v.GenericSchema;
  /** The module that each thread runs (tasks/worker.ts). */
  readonly script: URL;
  /** What a TASK_FAILED says of a source that could not be had. */
  failure(unfetchable: Unfetchable): unknown;
}

const HADOOP: TaskKind = {
  data: TaskDataSchema,
  script: new URL('./tasks/taskWorker.ts', import.meta.url),
  failure: ({ source: map, ...from }): TaskFailure => ({ unfetchable: { map, ...from } }),
};

/** Makes a TaskTracker. */
export function createTaskTracker(
  environment: TaskTrackerEnvironment = readTaskTrackerEnvironment(),
  kind: TaskKind = HADOOP,
): ExecutorFactory {
  return (driver) => new TaskTracker(environment, kind, driver);
}

type State =
  | { readonly is: 'new' }
  | { readonly is: 'ready'; readonly pool: WorkerPool; readonly temporary: string }
  /** It cannot run tasks, and says why to each. */
  | { readonly is: 'useless'; readonly why: string };

class TaskTracker implements Executor {
  readonly #environment: TaskTrackerEnvironment;
  readonly #kind: TaskKind;
  readonly #driver: ExecutorDriver;
  readonly #running = new Map<TaskId, RunningTask>();
  #state: State = { is: 'new' };
  /** How often it tells the progress of its tasks; undefined: not at all. */
  #progressMs: Millis | undefined;
  #telling: Timer | undefined;

  constructor(environment: TaskTrackerEnvironment, kind: TaskKind, driver: ExecutorDriver) {
    this.#environment = environment;
    this.#kind = kind;
    this.#driver = driver;
  }

  registered({ executorInfo, slaveInfo }: ExecutorContext): void {
    // A slave that comes back says so again; the tasks have gone on.
    if (this.#state.is === 'new') this.#state = this.#prepare(executorInfo.data, slaveInfo.hostname);
  }

  launchTask({ taskId, data }: TaskInfo): void {
    const state = this.#state;
    const task = readData(this.#kind.data, data);
    if (state.is !== 'ready' || task === undefined) {
      const why = state.is === 'useless' ? state.why : 'The data of the task cannot be read.';
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message: why });
      return;
    }
    this.#driver.sendStatus(taskId, 'TASK_RUNNING');
    const running = state.pool.run({ task, temporary: join(state.temporary, taskId) });
    this.#running.set(taskId, running);
    void running.answer.then((answer) => this.#ended(taskId, answer));
    this.#tellProgress();
  }

  killTask(taskId: TaskId): void {
    const running = this.#running.get(taskId);
    if (running === undefined) return;
    this.#running.delete(taskId);
    const killed = (): void => this.#driver.sendStatus(taskId, 'TASK_KILLED');
    running.kill().then(killed, killed);
  }

  frameworkMessage(): void {
    // JobTrackers send none.
  }

  shutdown(): void {
    // Told at once: there may be no time to wait for the ends.
    for (const [taskId, running] of this.#running) {
      this.#driver.sendStatus(taskId, 'TASK_KILLED');
      running.kill().catch(() => undefined);
    }
    this.#running.clear();
    if (this.#state.is === 'ready') void this.#state.pool.close();
    this.#state = { is: 'useless', why: 'The TaskTracker is shutting down.' };
  }

  #prepare(data: string | undefined, hostname: string): State {
    const tracker = readData(TrackerDataSchema, data);
    if (tracker === undefined) return { is: 'useless', why: 'The data of the TaskTracker cannot be read.' };
    const node = tracker.nodes[hostname];
    if (node === undefined)
      return {
        is: 'useless',
        why: `The host '${hostname}' is not among the nodes of the configuration; add it.`,
      };
    this.#progressMs = tracker.progressMs;
    const { secret } = this.#environment;
    if (secret === '')
      return {
        is: 'useless',
        why: 'The TaskTracker has no secret for the file servers; set HADOOP_FILE_SECRET.',
      };
    const temporary = unfinishedDir(node.dir, tracker.space);
    rmSync(temporary, { recursive: true, force: true });
    return {
      is: 'ready',
      pool: new WorkerPool(
        this.#kind.script,
        { secret, hostname, dir: node.dir, nodes: tracker.nodes, tracker },
        (delay, run) => this.#driver.after(delay, run),
      ),
      temporary,
    };
  }

  /** Tells how far its tasks are, from time to time as long as there are any. */
  #tellProgress(): void {
    if (this.#progressMs === undefined || this.#telling !== undefined) return;
    this.#telling = this.#driver.after(this.#progressMs, () => {
      this.#telling = undefined;
      if (this.#running.size === 0) return;
      const progress: Record<TaskId, number> = {};
      for (const [taskId, running] of this.#running) progress[taskId] = running.progress();
      this.#driver.sendFrameworkMessage(encodeData({ progress } satisfies Progress));
      this.#tellProgress();
    });
  }

  #ended(taskId: TaskId, answer: WorkerAnswer): void {
    if (!this.#running.delete(taskId)) return;
    if (answer.outcome === 'finished')
      this.#driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(answer.report) });
    else {
      const { message, unfetchable, unreadable } = answer;
      const failure =
        unfetchable !== undefined
          ? this.#kind.failure(unfetchable)
          : unreadable !== undefined
            ? { unreadable }
            : undefined;
      const data = failure === undefined ? {} : { data: encodeData(failure) };
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message, ...data });
    }
  }
}
