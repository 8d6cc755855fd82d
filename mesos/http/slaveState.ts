/** The slave's `/state`, `/containers` and `/monitor/statistics`, as Apache Mesos has them and its page reads them. */
import { sandboxOf } from '../isolation/sandbox.ts';
import type { FrameworkInfo, TaskInfo } from '../protocol/entities.ts';
import { type PortRanges, portsOf } from '../protocol/ports.ts';
import { type Resources, sum } from '../protocol/resources.ts';
import { unpacked } from '../runtime/packed.ts';
import { type Executor, held } from '../slave/executor.ts';
import type { Task } from '../slave/task.ts';
import type { SlaveWindow } from '../slave/window.ts';
import type { ResourceStatistics } from '../v1/agent.ts';
import { VERSION } from '../version.ts';
import { endpointOf, pidOf, portOf } from './reads/classicSlaves.ts';
import { reservedJson, resourcesJson, withoutReserved } from './reads/jsonText.ts';
import { type ExecutorView, type FrameworkView, frameworksOn } from './slaveReads.ts';

/** What a slave's server knows beside the slave. */
export interface Surroundings {
  /** Where the sandboxes are, if there are any. */
  readonly workDir: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
}

const MIB = 1 << 20;

/** The whole state. */
export function stateOf(slave: SlaveWindow, own: Surroundings): object {
  const { info, self, master, startedMs } = slave;
  const { active, completed } = frameworksOn(slave);
  const allocated = allocatedOf(slave);
  const endpoint = endpointOf(self);
  const write = (framework: FrameworkView): object => frameworkJson(framework, slave, own);
  return {
    version: VERSION,
    start_time: startedMs / 1000,
    id: info.id ?? '',
    pid: pidOf(endpoint),
    hostname: info.hostname,
    port: portOf(endpoint),
    ...(master !== undefined && {
      master_hostname: endpointOf(master).replace(/:\d+$/, ''),
      master_pid: master,
    }),
    resources: written(info.resources, info.ports),
    unreserved_resources: written(withoutReserved(info.resources), info.ports),
    reserved_resources: JSON.parse(reservedJson(info.resources)),
    unreserved_resources_allocated: written(
      withoutReserved(allocated),
      portsOf([...slave.executors].flatMap(tasksOf)),
    ),
    reserved_resources_allocated: JSON.parse(reservedJson(allocated)),
    attributes: info.attributes,
    frameworks: active.map(write),
    completed_frameworks: completed.map(write),
    flags: own.flags,
  };
}

/** Resources as the master writes them too. */
function written(resources: Resources, ports?: PortRanges): Readonly<Record<string, unknown>> {
  return JSON.parse(resourcesJson(resources, ports));
}

function frameworkJson(view: FrameworkView, slave: SlaveWindow, own: Surroundings): object {
  const { info, executors, completedExecutors } = view;
  const { id = '', name, user, failoverTimeout = 0, checkpoint = false, role = '*', hostname = '' } = info;
  const write = (executor: ExecutorView): object => executorJson(executor, info, slave, own);
  return {
    id,
    name,
    user,
    failover_timeout: failoverTimeout,
    checkpoint,
    role,
    hostname,
    executors: executors.map(write),
    completed_executors: completedExecutors.map(write),
  };
}

function executorJson(
  view: ExecutorView,
  framework: FrameworkInfo,
  slave: SlaveWindow,
  own: Surroundings,
): object {
  const { executor, queued, launched, ended } = view;
  const { info, containerId } = executor;
  const write = (task: Task): object => taskJson(task, framework, slave);
  const directory = directoryOf(executor, slave, own);
  return {
    id: info.executorId,
    name: info.name,
    source: '',
    container: containerId,
    ...(directory !== undefined && { directory }),
    resources: written(allocatedTo(executor), portsOf(tasksOf(executor))),
    role: framework.role ?? '*',
    queued_tasks: queued.map(write),
    tasks: launched.map(write),
    completed_tasks: ended.map(write),
  };
}

/** What an executor and its tasks were given. */
function allocatedTo({ info, live }: Executor): Resources {
  return sum([info.resources, ...unpacked(live).map((task) => task.info.resources)]);
}

const tasksOf = ({ live }: Executor): readonly TaskInfo[] => unpacked(live).map(({ info }) => info);

/** What all executors and tasks were given. */
export function allocatedOf({ executors }: SlaveWindow): Resources {
  return sum([...executors].map(allocatedTo));
}

/** An executor's sandbox; undefined if there is none to be shown. */
function directoryOf(
  executor: Executor,
  { info }: SlaveWindow,
  { workDir }: Surroundings,
): string | undefined {
  if (workDir === undefined || info.id === undefined) return undefined;
  const { frameworkId, containerId, info: executorInfo } = executor;
  return sandboxOf(workDir, { slaveId: info.id, frameworkId, executorInfo, containerId });
}

function taskJson(task: Task, framework: FrameworkInfo, { info, past }: SlaveWindow): object {
  const { taskId, name, executor, resources, ports, labels = [] } = task.info;
  return {
    id: taskId,
    name,
    framework_id: task.frameworkId,
    executor_id: executor.isCommand ? '' : executor.executorId,
    slave_id: info.id ?? task.info.slaveId,
    state: task.state,
    resources: written(resources, ports),
    role: framework.role ?? '*',
    statuses: past.statusesOf(task).map(({ state, timestamp }) => ({ state, timestamp })),
    ...(labels.length > 0 && { labels }),
  };
}

/** What an executor's container uses, and may use. Processor time is told as that of the user, though it is all. */
export function statisticsOf(executor: Executor, { clock }: SlaveWindow): ResourceStatistics | undefined {
  const usage = executor.container.usage?.();
  if (usage === undefined) return undefined;
  const { cpus, mem } = held(executor);
  return {
    timestamp: clock.now() / 1000,
    cpus_user_time_secs: usage.cpuSeconds,
    cpus_system_time_secs: 0,
    ...(cpus !== undefined && { cpus_limit: cpus }),
    mem_rss_bytes: usage.memBytes,
    ...(mem !== undefined && { mem_limit_bytes: mem * MIB }),
  };
}

/** All containers whose use is known. */
export function monitorOf(slave: SlaveWindow): readonly object[] {
  return [...slave.executors].flatMap((executor) => {
    const statistics = statisticsOf(executor, slave);
    return statistics === undefined ? [] : [{ ...whose(executor), statistics }];
  });
}

/** All containers. */
export function containersOf(slave: SlaveWindow): readonly object[] {
  return [...slave.executors].map((executor) => {
    const statistics = statisticsOf(executor, slave);
    const container_id = { value: executor.containerId };
    return {
      ...whose(executor),
      container_id: executor.containerId,
      status: { container_id },
      ...(statistics !== undefined && { statistics }),
    };
  });
}

function whose({ frameworkId, info }: Executor): object {
  return { framework_id: frameworkId, executor_id: info.executorId, executor_name: info.name, source: '' };
}
