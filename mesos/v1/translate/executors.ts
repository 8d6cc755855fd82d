/** Calls of executors and events for them, between the house and the v1 API. */
import type { SlaveInfo } from '../../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../../protocol/executor.ts';
import type * as entities from '../entities.ts';
import type * as v1 from '../executor.ts';
import { MalformedError, required } from '../json.ts';
import { frameworkToV1 } from './frameworks.ts';
import { attributesToV1, resourcesToV1 } from './resources.ts';
import { statusFromV1, uuidToV1 } from './statuses.ts';
import { durationToV1, executorToV1, taskFromV1, taskToV1 } from './tasks.ts';

/** Reads a call; undefined: it has no effect here. Throws an Unsupported or a {@link MalformedError}. */
export function executorCallFromV1(call: v1.Call, nowSeconds: number): ExecutorCall | undefined {
  const { type = 'UNKNOWN' } = call;
  const who = { frameworkId: call.framework_id.value, executorId: call.executor_id.value };
  switch (type) {
    case 'SUBSCRIBE': {
      // There is a client that leaves it out. It has nothing that is not acknowledged.
      const { unacknowledged_tasks = [], unacknowledged_updates = [] } = call.subscribe ?? {};
      return {
        type,
        ...who,
        unacknowledgedTasks: unacknowledged_tasks.map(taskFromV1),
        unacknowledgedUpdates: unacknowledged_updates.map(({ status }) => statusFromV1(status, nowSeconds)),
      };
    }
    case 'UPDATE': {
      const { status } = required(call, 'update');
      required(status, 'uuid');
      if (status.state === 'TASK_STAGING')
        throw new MalformedError('The state TASK_STAGING is not for executors to tell');
      return { type, ...who, status: { ...statusFromV1(status, nowSeconds), source: 'SOURCE_EXECUTOR' } };
    }
    case 'MESSAGE':
      return { type, ...who, data: required(call, 'message').data };
    case 'HEARTBEAT':
      return undefined;
    case 'UNKNOWN':
      throw new MalformedError("Expecting 'type' to be present");
    default:
      return type satisfies never;
  }
}

/** An event as v1 has it, for an executor of this framework in this container. */
export function executorEventToV1(
  event: ExecutorEvent,
  { frameworkId, containerId }: { readonly frameworkId: string; readonly containerId?: string | undefined },
): v1.Event {
  const { type } = event;
  switch (type) {
    case 'SUBSCRIBED':
      return {
        type,
        subscribed: {
          executor_info: executorToV1(event.executorInfo, frameworkId),
          framework_info: frameworkToV1(event.frameworkInfo),
          agent_info: slaveToV1(event.slaveInfo),
          ...(containerId !== undefined && { container_id: { value: containerId } }),
        },
      };
    case 'LAUNCH':
      return { type, launch: { task: taskToV1(event.task, frameworkId) } };
    case 'KILL': {
      const { taskId, gracePeriodMs } = event;
      const policy =
        gracePeriodMs === undefined ? {} : { kill_policy: { grace_period: durationToV1(gracePeriodMs) } };
      return { type, kill: { task_id: { value: taskId }, ...policy } };
    }
    case 'ACKNOWLEDGED':
      return { type, acknowledged: { task_id: { value: event.taskId }, uuid: uuidToV1(event.uuid) } };
    case 'MESSAGE':
      return { type, message: { data: event.data } };
    case 'SHUTDOWN':
      return { type };
    case 'ERROR':
      return { type, error: { message: event.message } };
    default:
      return event satisfies never;
  }
}

/** A slave as v1 has it. */
export function slaveToV1(
  { id, hostname, resources, ports, attributes }: SlaveInfo,
  port?: number,
): entities.AgentInfo {
  return {
    ...(id !== undefined && { id: { value: id } }),
    hostname,
    ...(port !== undefined && { port }),
    resources: resourcesToV1(resources, { ports }),
    attributes: attributesToV1(attributes),
  };
}
