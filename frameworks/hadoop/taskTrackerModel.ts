/** The TaskTracker in virtual time: its tasks only take time. Many run at once. */
import { hash } from 'node:crypto';
import { randomLogNormal } from 'd3-random';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type {
  Executor,
  ExecutorContext,
  ExecutorDriver,
  ExecutorFactory,
} from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { modelledSpeed } from '../modelledSpeed.ts';
import { partName } from './outputParts.ts';
import type { Program } from './program/program.ts';
import {
  type MapTaskData,
  type Progress,
  type ReduceTaskData,
  readData,
  readParts,
  type TaskData,
  type TaskReport,
  TrackerDataSchema,
} from './taskData.ts';

/** Tells how long a modelled task takes. */
type Model = Extract<Program, { readonly type: 'model' }>;

/** Makes a TaskTracker whose tasks sleep for as long as the model of their job says. */
export function createTaskTrackerModel(): ExecutorFactory {
  return (driver) => new TaskTrackerModel(driver);
}

/** What of its data a modelled task looks at. */
type ModelledTask = Pick<TaskData, 'jobId' | 'index'> & { readonly program: Model } & (
    | (Pick<MapTaskData, 'type' | 'reduces'> & { readonly block: ModelledBlock })
    | Pick<ReduceTaskData, 'type'>
  );
type ModelledBlock = Pick<MapTaskData['block'], 'bytes' | 'hosts'>;

interface RunningTask {
  readonly timer: Timer;
  readonly startedMs: Millis;
  readonly lengthMs: Millis;
}

class TaskTrackerModel implements Executor {
  readonly #driver: ExecutorDriver;
  readonly #running = new Map<TaskId, RunningTask>();
  #hostname = '';
  #seed = 0;
  #speed = 1;
  /** How often it tells the progress of its tasks; undefined: not at all. */
  #progressMs: Millis | undefined;
  #telling: Timer | undefined;

  constructor(driver: ExecutorDriver) {
    this.#driver = driver;
  }

  registered({ slaveInfo, executorInfo }: ExecutorContext): void {
    this.#hostname = slaveInfo.hostname;
    const tracker = readData(TrackerDataSchema, executorInfo.data);
    this.#seed = tracker?.seed ?? 0;
    this.#progressMs = tracker?.progressMs;
    this.#speed = modelledSpeed(slaveInfo);
  }

  launchTask({ taskId, data }: TaskInfo): void {
    const task = modelledTask(data);
    if (task === undefined) {
      const message = 'A modelled TaskTracker runs only tasks of a modelled program.';
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message });
      return;
    }
    const report = this.#report(task);
    const lengthMs =
      (modelledLengthMs(this.#seed, task, task.program, report.locality) *
        modelledSlowdown(this.#seed, taskId, task.program)) /
      this.#speed;
    this.#driver.sendStatus(taskId, 'TASK_RUNNING');
    const timer = this.#driver.after(lengthMs, () => {
      this.#running.delete(taskId);
      this.#driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(report) });
    });
    this.#running.set(taskId, { timer, startedMs: this.#driver.now(), lengthMs });
    this.#tellProgress();
  }

  killTask(taskId: TaskId): void {
    const task = this.#running.get(taskId);
    if (task === undefined) return;
    task.timer.cancel();
    this.#running.delete(taskId);
    if (this.#running.size > 0) return this.#driver.sendStatus(taskId, 'TASK_KILLED');
    this.#telling?.cancel();
    this.#telling = undefined;
    this.#driver.sendStatus(taskId, 'TASK_KILLED');
  }

  frameworkMessage(): void {
    // JobTrackers send none.
  }

  shutdown(): void {
    for (const taskId of [...this.#running.keys()]) this.killTask(taskId);
  }

  /** Tells how far its tasks are, from time to time as long as there are any. */
  #tellProgress(): void {
    if (this.#progressMs === undefined || this.#telling !== undefined) return;
    this.#telling = this.#driver.after(this.#progressMs, () => {
      this.#telling = undefined;
      if (this.#running.size === 0) return;
      const now = this.#driver.now();
      const progress: Record<TaskId, number> = {};
      for (const [taskId, { startedMs, lengthMs }] of this.#running)
        progress[taskId] = Math.min(1, (now - startedMs) / lengthMs);
      this.#driver.sendFrameworkMessage(encodeData({ progress } satisfies Progress));
      this.#tellProgress();
    });
  }

  #report(task: ModelledTask): TaskReport {
    const { type, index } = task;
    const part = { name: partName(type, index), hosts: [this.#hostname] };
    if (task.type === 'reduce') return { locality: 'local', inputBytes: 0, outputBytes: 0, part };
    const { bytes, hosts } = task.block;
    const locality = hosts.includes(this.#hostname) ? 'local' : 'remote';
    const report = { locality, inputBytes: bytes, outputBytes: 0 } as const;
    return task.reduces === 0 ? { ...report, part } : report;
  }
}

/** Something that came as JSON and should be a T. */
type Unchecked<T> = { readonly [key in keyof T]?: unknown };

/** Looks at nothing that means nothing here: a schema of all would take a tenth of the time of a simulation. */
function modelledTask(data: string | undefined): ModelledTask | undefined {
  const { common, own } = readParts(data) ?? {};
  const { jobId, program } = (common ?? {}) as Unchecked<TaskData>;
  const { type, index, block, reduces } = (own ?? {}) as Unchecked<MapTaskData>;
  if (typeof jobId !== 'string' || typeof index !== 'number' || !isModel(program)) return undefined;
  if (type === 'reduce') return { type, jobId, index, program };
  if (type !== 'map' || !isBlock(block) || typeof reduces !== 'number') return undefined;
  return { type, jobId, index, program, block, reduces };
}

function isBlock(value: unknown): value is ModelledBlock {
  const { bytes, hosts } = (value ?? {}) as Unchecked<ModelledBlock>;
  return typeof bytes === 'number' && Array.isArray(hosts);
}

function isModel(value: unknown): value is Model {
  const { type, mapMs, remoteMapMs, reduceMs, cv, straggling } = (value ?? {}) as Unchecked<Model>;
  return (
    type === 'model' &&
    typeof mapMs === 'number' &&
    typeof remoteMapMs === 'number' &&
    typeof reduceMs === 'number' &&
    typeof cv === 'number' &&
    (straggling === undefined || (typeof straggling === 'object' && straggling !== null))
  );
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
  const uniform = uniformOf(`${seed}/${jobId}/${type}/${index}`);
  const variance = Math.log(1 + model.cv ** 2);
  return meanMs * randomLogNormal.source(uniform)(-variance / 2, Math.sqrt(variance))();
}

/** How many times as long an attempt takes for reasons of its own: 1, unless its model lets some straggle. */
function modelledSlowdown(seed: number, taskId: TaskId, { straggling }: Model): number {
  if (straggling === undefined) return 1;
  return uniformOf(`${seed}/straggling/${taskId}`)() < straggling.probability ? straggling.slowdown : 1;
}

/** Numbers between 0 and 1 that hang on a name alone. */
function uniformOf(name: string): () => number {
  // As text: a buffer costs more than the hash.
  const digest = hash('sha256', name, 'binary');
  const byte = (at: number): number => digest.charCodeAt(at);
  const word = (at: number): number =>
    byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
  const generator = xoroshiro128plusFromState([word(0), word(4), word(8), word(12)]);
  return () => uniformFloat64(generator);
}
