/** The TaskTracker in virtual time: its tasks only take time. Many run at once. */
import { hash } from 'node:crypto';
import { randomLogNormal } from 'd3-random';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Timer } from '../../mesos/driver/actor.ts';
import type {
  Executor,
  ExecutorContext,
  ExecutorDriver,
  ExecutorFactory,
} from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { Program } from './program/program.ts';
import { readData, type TaskData, TaskDataSchema, type TaskReport, TrackerDataSchema } from './taskData.ts';

/** Tells how long a modelled task takes. */
type Model = Extract<Program, { readonly type: 'model' }>;

/** Makes a TaskTracker whose tasks sleep for as long as the model of their job says. */
export function createTaskTrackerModel(): ExecutorFactory {
  return (driver) => new TaskTrackerModel(driver);
}

class TaskTrackerModel implements Executor {
  readonly #driver: ExecutorDriver;
  readonly #timers = new Map<TaskId, Timer>();
  #hostname = '';
  #seed = 0;

  constructor(driver: ExecutorDriver) {
    this.#driver = driver;
  }

  registered({ slaveInfo, executorInfo }: ExecutorContext): void {
    this.#hostname = slaveInfo.hostname;
    this.#seed = readData(TrackerDataSchema, executorInfo.data)?.seed ?? 0;
  }

  launchTask({ taskId, data }: TaskInfo): void {
    const task = readData(TaskDataSchema, data);
    if (task === undefined || task.program.type !== 'model') {
      const message = 'A modelled TaskTracker runs only tasks of a modelled program.';
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message });
      return;
    }
    const report = this.#report(task);
    const lengthMs = modelledLengthMs(this.#seed, task, task.program, report.locality);
    this.#driver.sendStatus(taskId, 'TASK_RUNNING');
    const timer = this.#driver.after(lengthMs, () => {
      this.#timers.delete(taskId);
      this.#driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(report) });
    });
    this.#timers.set(taskId, timer);
  }

  killTask(taskId: TaskId): void {
    const timer = this.#timers.get(taskId);
    if (timer === undefined) return;
    timer.cancel();
    this.#timers.delete(taskId);
    this.#driver.sendStatus(taskId, 'TASK_KILLED');
  }

  frameworkMessage(): void {
    // JobTrackers send none.
  }

  shutdown(): void {
    for (const taskId of [...this.#timers.keys()]) this.killTask(taskId);
  }

  #report(task: TaskData): TaskReport {
    if (task.type === 'reduce') return { locality: 'local', inputBytes: 0, outputBytes: 0 };
    const { bytes, hosts } = task.block;
    return {
      locality: hosts.includes(this.#hostname) ? 'local' : 'remote',
      inputBytes: bytes,
      outputBytes: 0,
    };
  }
}

/**
 * How long a modelled task takes: log-normal about its mean.
 *
 * The deviation hangs on seed, job and task alone, not on when or where it runs: the same task is as lucky on
 * every system (common random numbers), so that two systems differ by what they do and not by their draws.
 */
export function modelledLengthMs(
  seed: number,
  { jobId, type, index }: Pick<TaskData, 'jobId' | 'type' | 'index'>,
  model: Model,
  locality: TaskReport['locality'],
): number {
  const meanMs = type === 'reduce' ? model.reduceMs : locality === 'local' ? model.mapMs : model.remoteMapMs;
  if (model.cv === 0) return meanMs;
  const digest = hash('sha256', `${seed}/${jobId}/${type}/${index}`, 'buffer');
  const words = [0, 4, 8, 12].map((at) => digest.readInt32LE(at));
  const generator = xoroshiro128plusFromState(words);
  const variance = Math.log(1 + model.cv ** 2);
  const uniform = (): number => uniformFloat64(generator);
  return meanMs * randomLogNormal.source(uniform)(-variance / 2, Math.sqrt(variance))();
}
