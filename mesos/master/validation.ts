/** Whether the master may launch a task on the offers that a framework named. */
import type { ExecutorInfo, TaskInfo } from '../protocol/entities.ts';
import { add, contains, format, isEmpty, NOTHING, type Resources } from '../protocol/resources.ts';
import type { Framework, Slave } from './state.ts';

/** What the launch of a task takes from the slave: its own resources, and its executor's if that is not yet there. */
export function launchCost(task: TaskInfo, framework: Framework, slave: Slave): Resources {
  return runningExecutor(task, framework, slave) === undefined
    ? add(task.resources, task.executor.resources)
    : task.resources;
}

/** Says why the task cannot be launched on what is left of the accepted offers; undefined if it can. */
export function invalid(
  task: TaskInfo,
  framework: Framework,
  slave: Slave,
  left: Resources,
): string | undefined {
  if (framework.tasks.has(task.taskId)) return `Task id '${task.taskId}' is already in use`;
  if (task.slaveId !== slave.id)
    return `Task is for slave ${task.slaveId}, but the offers are of slave ${slave.id}`;
  if (isEmpty(task.resources)) return 'Task uses no resources';
  const executor = runningExecutor(task, framework, slave);
  if (executor !== undefined && !isSame(executor, task.executor))
    return `Executor '${task.executor.executorId}' already runs on the slave with another ExecutorInfo`;
  const cost = launchCost(task, framework, slave);
  if (!contains(left, cost))
    return `Total resources ${format(cost)} required by task and its executor is more than available ${format(left) || 'nothing'}`;
  return undefined;
}

/** What the framework's executors on the slave hold themselves. */
export function executorResources(framework: Framework, slave: Slave): Resources {
  let held = NOTHING;
  for (const executor of slave.executors.get(framework.id)?.values() ?? [])
    held = add(held, executor.resources);
  return held;
}

function runningExecutor(task: TaskInfo, framework: Framework, slave: Slave): ExecutorInfo | undefined {
  return slave.executors.get(framework.id)?.get(task.executor.executorId);
}

/** By identity first: in virtual time it is the very same object, and comparing costs nothing. */
function isSame(a: ExecutorInfo, b: ExecutorInfo): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
