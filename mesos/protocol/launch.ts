/** Whether a task may be launched on what was offered, and what it takes: the same for a master and without one. */
import { isDeepStrictEqual } from 'node:util';
import type { ExecutorId, ExecutorInfo, SlaveId, TaskId, TaskInfo } from './entities.ts';
import { containsPorts, countPorts, formatPorts, NO_PORTS, PORTS, type PortRanges } from './ports.ts';
import { add, contains, format, isEmpty, NOTHING, type Resources, rounded } from './resources.ts';

/** Where a framework wants to launch. */
export interface LaunchSite {
  readonly slaveId: SlaveId;
  /** The framework's executors that live on the slave. */
  readonly executors: Pick<ReadonlyMap<ExecutorId, ExecutorInfo>, 'get' | 'has'>;
  /** The resources are reserved for short tasks; default no. */
  readonly isShort?: boolean;
  /** Has the framework a task of this id already? */
  isTask(id: TaskId): boolean;
}

/** The task with resources as the books take them: see {@link rounded}. Usually the very same object. */
export function inThousandths(task: TaskInfo): TaskInfo {
  const resources = rounded(task.resources);
  const executorResources = rounded(task.executor.resources);
  if (resources === task.resources && executorResources === task.executor.resources) return task;
  return { ...task, resources, executor: { ...task.executor, resources: executorResources } };
}

/** What the launch of a task takes from the slave: its own resources, and its executor's if that is not yet there. */
export function launchCost(task: TaskInfo, { executors }: Pick<LaunchSite, 'executors'>): Resources {
  return executors.has(task.executor.executorId)
    ? task.resources
    : add(task.resources, task.executor.resources);
}

/** Says why the task cannot be launched on what is left of the accepted offers; undefined if it can. */
export function launchComplaint(task: TaskInfo, site: LaunchSite, left: Resources): string | undefined {
  if (site.isTask(task.taskId)) return `Task id '${task.taskId}' is already in use`;
  if (task.slaveId !== site.slaveId)
    return `Task is for slave ${task.slaveId}, but the offers are of slave ${site.slaveId}`;
  if (isEmpty(task.resources)) return 'Task uses no resources';
  if ((task.command !== undefined) !== (task.executor.isCommand ?? false))
    return 'Task must have either a command or an executor of its own, and not both';
  const executor = site.executors.get(task.executor.executorId);
  if (executor?.isCommand)
    return `Executor '${task.executor.executorId}' already runs on the slave with the command of another task`;
  if (executor !== undefined && !isSame(executor, task.executor))
    return `Executor '${task.executor.executorId}' already runs on the slave with another ExecutorInfo`;
  if (site.isShort && executor === undefined && !isEmpty(task.executor.resources))
    return 'An executor that needs resources cannot be started on those reserved for short tasks: it would outlive the task';
  const cost = launchCost(task, site);
  if (!contains(left, cost))
    return `Total resources ${format(cost)} required by task and its executor is more than available ${format(left) || 'nothing'}`;
  return undefined;
}

/** Says why the task cannot have the ports that it wants of those that are left; undefined if it can. */
export function portsComplaint(
  { resources, ports = NO_PORTS }: TaskInfo,
  left: PortRanges,
): string | undefined {
  if (countPorts(ports) !== (resources[PORTS] ?? 0))
    return `Task has ${resources[PORTS] ?? 0} ports in its resources, and names ${countPorts(ports)}`;
  if (containsPorts(left, ports)) return undefined;
  return `Ports ${formatPorts(ports)} required by task are not all in those available, ${formatPorts(left)}`;
}

/** What executors hold themselves. */
export function executorResources(executors: { values(): Iterable<ExecutorInfo> } | undefined): Resources {
  let held = NOTHING;
  for (const executor of executors?.values() ?? []) held = add(held, executor.resources);
  return held;
}

/**
 * By identity first: in virtual time it is the very same object, and comparing costs nothing. The order of properties is not the
 * same for what has been on its way and what has not.
 */
function isSame(a: ExecutorInfo, b: ExecutorInfo): boolean {
  return a === b || isDeepStrictEqual(a, b);
}
