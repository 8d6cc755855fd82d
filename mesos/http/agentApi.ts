/** The operator API of the slave: `POST /api/v1`, as far as it reads. */

import { isTerminal } from '../protocol/tasks.ts';
import type { Executor } from '../slave/executor.ts';
import type { Task } from '../slave/task.ts';
import type { SlaveWindow } from '../slave/window.ts';
import * as v1 from '../v1/agent.ts';
import type * as entities from '../v1/entities.ts';
import { required } from '../v1/json.ts';
import { slaveToV1 } from '../v1/translate/executors.ts';
import { frameworkToV1 } from '../v1/translate/frameworks.ts';
import { resourcesToV1 } from '../v1/translate/resources.ts';
import { statusToV1 } from '../v1/translate/statuses.ts';
import { executorToV1, labelsToV1 } from '../v1/translate/tasks.ts';
import { VERSION } from '../version.ts';
import { answerAs, readCall, refusing, requirePost } from './calls.ts';
import { type Endpoint, Refusal } from './exchange.ts';
import type { Files } from './files.ts';
import { portOf } from './reads/classicSlaves.ts';
import { metricsOf } from './slaveMetrics.ts';
import { type ExecutorView, type FrameworkViews, frameworksOn } from './slaveReads.ts';
import { statisticsOf } from './slaveState.ts';

/** What the API needs. */
export interface AgentApiOptions {
  readonly window: () => SlaveWindow | undefined;
  /** Absent: there are no files to be shown. */
  readonly files: Files | undefined;
  readonly flags: Readonly<Record<string, string>>;
}

const VALIDATION = 'Failed to validate agent::Call: ';

/** Makes the API. */
export function agentApi(options: AgentApiOptions): Endpoint {
  return async (request) => {
    requirePost(request);
    const { call } = await readCall(request, v1.Call, 'Call');
    const slave = options.window();
    if (slave === undefined) throw new Refusal(503, 'Agent has not finished recovery');
    const response = await answer(call, slave, options);
    return answerAs(request, v1.Response, response);
  };
}

async function answer(
  call: v1.Call,
  slave: SlaveWindow,
  { files, flags }: AgentApiOptions,
): Promise<v1.Response> {
  const { type } = call;
  switch (type) {
    case undefined:
      throw new Refusal(400, `${VALIDATION}Expecting 'type' to be present`);
    case 'GET_HEALTH':
      return { type, get_health: { healthy: true } };
    case 'GET_VERSION':
      return { type, get_version: { version_info: { version: VERSION } } };
    case 'GET_FLAGS':
      return { type, get_flags: { flags: Object.entries(flags).map(([name, value]) => ({ name, value })) } };
    case 'GET_METRICS': {
      part(call, 'get_metrics');
      const metrics = Object.entries(metricsOf(slave)).map(([name, value]) => ({ name, value }));
      return { type, get_metrics: { metrics } };
    }
    case 'GET_AGENT':
      return { type, get_agent: { agent_info: slaveToV1(slave.info, portOf(slave.self)) } };
    case 'GET_FRAMEWORKS':
      return { type, get_frameworks: frameworks(frameworksOn(slave)) };
    case 'GET_EXECUTORS':
      return { type, get_executors: executors(frameworksOn(slave)) };
    case 'GET_TASKS':
      return { type, get_tasks: tasks(frameworksOn(slave), slave) };
    case 'GET_STATE': {
      const views = frameworksOn(slave);
      return {
        type,
        get_state: {
          get_tasks: tasks(views, slave),
          get_executors: executors(views),
          get_frameworks: frameworks(views),
        },
      };
    }
    case 'GET_CONTAINERS':
      return {
        type,
        get_containers: { containers: [...slave.executors].map((one) => container(one, slave)) },
      };
    case 'LIST_FILES': {
      const { path } = part(call, 'list_files');
      const { entries } = await shown(files).list(path);
      const file_infos = entries.map((entry) => ({
        path: entry.path,
        nlink: entry.nlink,
        size: entry.sizeBytes,
        mtime: { nanoseconds: Math.round(entry.mtimeMs * 1e6) },
        mode: entry.mode,
        uid: entry.user,
        gid: entry.group,
      }));
      return { type, list_files: { file_infos } };
    }
    case 'READ_FILE': {
      const { path, offset, length } = part(call, 'read_file');
      const { bytes, sizeBytes } = await shown(files).read(path, offset, length);
      return { type, read_file: { size: sizeBytes, data: bytes.toString('base64') } };
    }
    default:
      throw new Refusal(501, `Calls of type ${type} are not supported by this system`);
  }
}

/** A part of a call that must be there. */
function part<K extends keyof v1.Call>(call: v1.Call, name: K): NonNullable<v1.Call[K]> {
  return refusing(400, VALIDATION, () => required(call, name));
}

function shown(files: Files | undefined): Files {
  if (files === undefined) throw new Refusal(501, 'This slave shows no files');
  return files;
}

function frameworks({ active, completed }: FrameworkViews): NonNullable<v1.Response['get_frameworks']> {
  const write = ({ info }: FrameworkViews['active'][number]) => ({ framework_info: frameworkToV1(info) });
  return { frameworks: active.map(write), completed_frameworks: completed.map(write) };
}

function executors({ active, completed }: FrameworkViews): NonNullable<v1.Response['get_executors']> {
  const write = ({ executor }: ExecutorView) => ({
    executor_info: executorToV1(executor.info, executor.frameworkId),
  });
  return {
    executors: active.flatMap((view) => view.executors.map(write)),
    completed_executors: [...active, ...completed].flatMap((view) => view.completedExecutors.map(write)),
  };
}

/** Ended tasks are terminated until their last update has been acknowledged, and completed then. */
function tasks(
  { active, completed }: FrameworkViews,
  slave: SlaveWindow,
): NonNullable<v1.Response['get_tasks']> {
  const write = (task: Task): entities.Task => taskToV1(task, slave);
  const live = active.flatMap((view) => view.executors);
  const past = [...active, ...completed].flatMap((view) => view.completedExecutors);
  const terminated = new Set([...slave.tasks].filter(({ state }) => isTerminal(state)));
  const ended = [...live, ...past].flatMap((view) => view.ended);
  return {
    queued_tasks: live.flatMap(({ queued }) => queued.map(write)),
    launched_tasks: live.flatMap(({ launched }) => launched.map(write)),
    terminated_tasks: [...terminated].map(write),
    completed_tasks: ended.filter((task) => !terminated.has(task)).map(write),
  };
}

function taskToV1(task: Task, { info, past }: SlaveWindow): entities.Task {
  const { taskId, name, executor, resources, ports, labels, slaveId } = task.info;
  return {
    name,
    task_id: { value: taskId },
    framework_id: { value: task.frameworkId },
    ...(!executor.isCommand && { executor_id: { value: executor.executorId } }),
    agent_id: { value: info.id ?? slaveId },
    state: task.state,
    resources: resourcesToV1(resources, { ports }),
    statuses: past.statusesOf(task).map(statusToV1),
    ...(labels !== undefined && { labels: labelsToV1(labels) }),
  };
}

type Container = NonNullable<NonNullable<v1.Response['get_containers']>['containers']>[number];

function container(executor: Executor, slave: SlaveWindow): Container {
  const { frameworkId, info, containerId } = executor;
  const statistics = statisticsOf(executor, slave);
  return {
    framework_id: { value: frameworkId },
    executor_id: { value: info.executorId },
    executor_name: info.name,
    container_id: { value: containerId },
    container_status: { container_id: { value: containerId } },
    ...(statistics !== undefined && { resource_statistics: statistics }),
  };
}
