/** Executors that tell if a task is given to one of them that was given to one before. */
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';

/** The same executors; a task that comes twice, to whomever, is told. */
export function runOnce(
  models: Readonly<Record<string, ExecutorFactory>>,
  twice: (how: string) => void,
): Readonly<Record<string, ExecutorFactory>> {
  const launched = new Set<string>();
  const watched = (factory: ExecutorFactory): ExecutorFactory => {
    return (driver) => {
      const executor = factory(driver);
      let framework = '';
      return {
        registered: (context) => {
          // Frameworks on slaves of their own may have the same id.
          framework = `${context.frameworkInfo.name} ${context.frameworkInfo.id}`;
          executor.registered(context);
        },
        launchTask: (task) => {
          const key = `${framework} ${task.taskId}`;
          if (launched.has(key)) twice(`task ${task.taskId} of ${framework} was run before`);
          launched.add(key);
          executor.launchTask(task);
        },
        killTask: (taskId, graceMs) => executor.killTask(taskId, graceMs),
        frameworkMessage: (data) => executor.frameworkMessage(data),
        shutdown: () => executor.shutdown(),
      };
    };
  };
  return Object.fromEntries(Object.entries(models).map(([name, factory]) => [name, watched(factory)]));
}
