/** The executor of a load: its tasks take time. The same in virtual time and for real, where they may also keep a core busy. */
import * as v from 'valibot';
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import { EXECUTOR_DEFAULTS, type ExecutorFactory } from '../../mesos/driver/executor.ts';
import { decodeData, type Immutable, type TaskId } from '../../mesos/protocol/entities.ts';
import { ResourcesSchema } from '../../mesos/protocol/resources.ts';
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
export function createLoadExecutor({ spin, machine, idleMs }: LoadExecutorOptions = {}): ExecutorFactory {
  return (driver) => {
    const running = new Map<
      TaskId,
      {
        readonly timer: Pick<Timer, 'cancel'>;
        readonly spinning: ReturnType<Spin> | undefined;
        readonly grace?: 'used';
      }
    >();
    let idle: Timer | undefined;
    /** Ends of tasks that use their grace. */
    let killings: Map<TaskId, Timer> | undefined;
    function end(taskId: TaskId, state: TaskState): void {
      const task = running.get(taskId);
      if (task === undefined) return;
      task.timer.cancel();
      killings?.get(taskId)?.cancel();
      killings?.delete(taskId);
      task.spinning?.stop();
      running.delete(taskId);
      driver.sendStatus(taskId, state);
      if (running.size === 0 && idleMs !== undefined) idle = driver.after(idleMs, () => driver.stop());
    }
    return {
      ...EXECUTOR_DEFAULTS,
      launchTask({ taskId, data, resources }) {
        idle?.cancel();
        idle = undefined;
        const { work, ms, grace, needs = resources } = v.parse(WorkSchema, decodeData(data));
        driver.sendStatus(taskId, 'TASK_RUNNING');
        const finish = (): void => end(taskId, 'TASK_FINISHED');
        const timer = machine?.run(driver, needs, ms, finish) ?? driver.after(ms, finish);
        const spinning = work === 'spin' ? spin?.() : undefined;
        running.set(taskId, { timer, spinning, ...(grace !== undefined && { grace }) });
      },
      killTask(taskId, graceMs = 0) {
        if (running.get(taskId)?.grace === undefined || graceMs === 0) return end(taskId, 'TASK_KILLED');
        killings ??= new Map();
        killings.get(taskId)?.cancel();
        killings.set(
          taskId,
          driver.after(graceMs * GRACE_PART, () => end(taskId, 'TASK_KILLED')),
        );
      },
      shutdown() {
        for (const taskId of [...running.keys()]) end(taskId, 'TASK_KILLED');
      },
    };
  };
}
