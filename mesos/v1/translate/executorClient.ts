/** The executor's side of the executor API: its calls from the house to v1, and the events for it from v1 to the house. */
import { commandExecutorInfo } from '../../protocol/commandTask.ts';
import type { ExecutorInfo, SlaveInfo } from '../../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../../protocol/executor.ts';
import type * as entities from '../entities.ts';
import type * as v1 from '../executor.ts';
import { MalformedError, required } from '../json.ts';
import { frameworkFromV1 } from './frameworks.ts';
import { Unsupported } from './refusal.ts';
import { attributesFromV1, isUsable, portsFromV1, resourcesFromV1 } from './resources.ts';
import { statusToV1, uuidFromV1 } from './statuses.ts';
import { durationFromV1, executorFromV1, taskFromV1, taskToV1 } from './tasks.ts';

/** A call as v1 has it. */
export function executorCallToV1(call: ExecutorCall): v1.Call {
  const { type, frameworkId } = call;
  const who = { framework_id: { value: frameworkId }, executor_id: { value: call.executorId } };
  switch (type) {
    case 'SUBSCRIBE':
      return {
        type,
        ...who,
        subscribe: {
          unacknowledged_tasks: call.unacknowledgedTasks.map((task) => taskToV1(task, frameworkId)),
          unacknowledged_updates: call.unacknowledgedUpdates.map((status) => ({
            status: statusToV1(status),
          })),
        },
      };
    case 'UPDATE':
      return { type, ...who, update: { status: statusToV1(call.status) } };
    case 'MESSAGE':
      return { type, ...who, message: { data: call.data } };
    default:
      return type satisfies never;
  }
}

/** Reads an event; undefined: nothing comes of it here. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function executorEventFromV1(event: v1.Event): ExecutorEvent | undefined {
  const { type } = event;
  switch (type) {
    case 'SUBSCRIBED': {
      const { executor_info, framework_info, agent_info } = required(event, 'subscribed');
      return {
        type,
        executorInfo: ownFromV1(executor_info),
        frameworkInfo: frameworkFromV1(framework_info),
        slaveInfo: slaveFromV1(agent_info),
      };
    }
    case 'LAUNCH':
      return { type, task: taskFromV1(required(event, 'launch').task) };
    case 'KILL': {
      const { task_id, kill_policy } = required(event, 'kill');
      const grace = kill_policy?.grace_period;
      return {
        type,
        taskId: task_id.value,
        ...(grace !== undefined && { gracePeriodMs: durationFromV1(grace) }),
      };
    }
    case 'ACKNOWLEDGED': {
      const { task_id, uuid } = required(event, 'acknowledged');
      return { type, taskId: task_id.value, uuid: uuidFromV1(uuid) };
    }
    case 'MESSAGE':
      return { type, data: required(event, 'message').data };
    case 'SHUTDOWN':
      return { type };
    case 'ERROR':
      return { type, message: required(event, 'error').message };
    case 'LAUNCH_GROUP':
      throw new Unsupported('Task groups are not supported');
    case 'HEARTBEAT':
    // Of a later version.
    case 'UNKNOWN':
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}

/** The executor of a command is told of itself without one: its slave knows which program that is. */
function ownFromV1(info: entities.ExecutorInfo): ExecutorInfo {
  const { executor_id, command, name = '' } = info;
  const isCommand = command?.value === undefined || command.value === '';
  if (!isCommand) return executorFromV1(info);
  const none = { shell: false, value: '', arguments: [], environment: {} };
  return { ...commandExecutorInfo(executor_id.value, none), name };
}

/** Reads a slave. Resources that nobody here could use are left out. */
function slaveFromV1({ id, hostname, resources = [], attributes }: entities.AgentInfo): SlaveInfo {
  const usable = resources.filter(isUsable);
  const ports = portsFromV1(usable);
  return {
    ...(id !== undefined && { id: id.value }),
    hostname,
    resources: resourcesFromV1(usable),
    ...(ports.length > 0 && { ports }),
    attributes: attributesFromV1(attributes),
  };
}
