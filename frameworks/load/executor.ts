/** The executor of a load: its tasks take time. The same in virtual time and for real, where they may also keep a core busy. */
import * as v from 'valibot';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import { EXECUTOR_DEFAULTS, type ExecutorFactory } from '../../mesos/driver/executor.ts';
import { decodeData, type Immutable, type TaskId } from '../../mesos/protocol/entities.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';

const WorkSchema = v.object({
  work: v.picklist(['sleep', 'spin']),
  ms: v.pipe(v.number(), v.finite(), v.minValue(0)),
});
/** `data` of a task. */
export type Work = Immutable<v.InferOutput<typeof WorkSchema>>;

/** Keeps a core busy; what it returns ends that. */
export type Spin = () => { stop(): void };

/** How the executor works. */
export interface LoadExecutorOptions {
  /** Absent: its tasks only ever sleep, as in virtual time. */
  readonly spin?: Spin;
  /** It ends when it has had no task for so long; absent: it waits for more. */
  readonly idleMs?: Millis;
}

/** Makes the executor. */
export function createLoadExecutor({ spin, idleMs }: LoadExecutorOptions = {}): ExecutorFactory {
  return (driver) => {
    const running = new Map<
      TaskId,
      { readonly timer: Timer; readonly spinning: ReturnType<Spin> | undefined }
    >();
    let idle: Timer | undefined;
    function end(taskId: TaskId, state: TaskState): void {
      const task = running.get(taskId);
      if (task === undefined) return;
      task.timer.cancel();
      task.spinning?.stop();
      running.delete(taskId);
      driver.sendStatus(taskId, state);
      if (running.size === 0 && idleMs !== undefined) idle = driver.after(idleMs, () => driver.stop());
    }
    return {
      ...EXECUTOR_DEFAULTS,
      launchTask({ taskId, data }) {
        idle?.cancel();
        idle = undefined;
        const { work, ms } = v.parse(WorkSchema, decodeData(data));
        driver.sendStatus(taskId, 'TASK_RUNNING');
        const timer = driver.after(ms, () => end(taskId, 'TASK_FINISHED'));
        running.set(taskId, { timer, spinning: work === 'spin' ? spin?.() : undefined });
      },
      killTask: (taskId) => end(taskId, 'TASK_KILLED'),
      shutdown() {
        for (const taskId of [...running.keys()]) end(taskId, 'TASK_KILLED');
      },
    };
  };
}
