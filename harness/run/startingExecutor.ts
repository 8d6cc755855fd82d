/** Executors in virtual time that take a while to start. */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { Executor, ExecutorFactory } from '../../mesos/driver/executor.ts';
import type { TaskId } from '../../mesos/protocol/entities.ts';

/** The same executors, but what they are given in the first `startMs` they begin with only then. */
export function startingIn(startMs: Millis, factory: ExecutorFactory): ExecutorFactory {
  if (startMs === 0) return factory;
  return (driver): Executor => {
    const inner = factory(driver);
    const readyMs = driver.now() + startMs;
    const waiting = new Map<TaskId, Timer>();
    return {
      registered: (context) => inner.registered(context),
      launchTask(task) {
        const leftMs = readyMs - driver.now();
        if (leftMs <= 0) return inner.launchTask(task);
        const launch = (): void => {
          waiting.delete(task.taskId);
          inner.launchTask(task);
        };
        waiting.set(task.taskId, driver.after(leftMs, launch));
      },
      killTask(taskId, graceMs) {
        const timer = waiting.get(taskId);
        if (timer === undefined) return inner.killTask(taskId, graceMs);
        timer.cancel();
        waiting.delete(taskId);
        driver.sendStatus(taskId, 'TASK_KILLED', { message: 'its executor had not started' });
      },
      frameworkMessage: (data) => inner.frameworkMessage(data),
      shutdown() {
        for (const [taskId, timer] of waiting) {
          timer.cancel();
          driver.sendStatus(taskId, 'TASK_KILLED', { message: 'its executor had not started' });
        }
        waiting.clear();
        return inner.shutdown();
      },
    };
  };
}
