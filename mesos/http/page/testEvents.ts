/** For tests: events as a master's stream has them. */
import type { Task, TaskStatus } from '../../v1/entities.ts';
import type { Agent, Event, Framework } from '../../v1/masterAnswers.ts';

type State = TaskStatus['state'];
type Amounts = Readonly<Record<string, number>>;

/** Resources of the v1 API. */
const resources = (amounts: Amounts) =>
  Object.entries(amounts).map(([name, value]) => ({ name, type: 'SCALAR' as const, scalar: { value } }));

/** A slave. */
export function agent(id: string, total: Amounts, more: Partial<Agent> = {}): Agent {
  return {
    agent_info: {
      id: { value: id },
      hostname: `host-${id}`,
      resources: resources(total),
      attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }],
    },
    active: true,
    version: '1.0.0',
    pid: `slave(1)@10.0.0.1:5051`,
    registered_time: { nanoseconds: 5_000_000_000 },
    total_resources: resources(total),
    ...more,
  };
}

/** A framework. */
export function framework(id: string, more: Partial<Framework> = {}): Framework {
  return {
    framework_info: { id: { value: id }, name: `name-${id}`, user: 'ops', role: 'gold' },
    active: true,
    connected: true,
    recovered: false,
    ...more,
  };
}

/** A task. */
export function task(
  id: string,
  frameworkId: string,
  slaveId: string,
  amounts: Amounts,
  state: State = 'TASK_STAGING',
): Task {
  return {
    name: `task ${id}`,
    task_id: { value: id },
    framework_id: { value: frameworkId },
    executor_id: { value: 'executor' },
    agent_id: { value: slaveId },
    state,
    resources: resources(amounts),
    statuses: [{ task_id: { value: id }, state, timestamp: 100 }],
  };
}

export const agentAdded = (added: Agent): Event => ({ type: 'AGENT_ADDED', agent_added: { agent: added } });
export const agentRemoved = (id: string): Event => ({
  type: 'AGENT_REMOVED',
  agent_removed: { agent_id: { value: id } },
});
export const frameworkAdded = (added: Framework): Event => ({
  type: 'FRAMEWORK_ADDED',
  framework_added: { framework: added },
});
export const frameworkRemoved = (id: string): Event => ({
  type: 'FRAMEWORK_REMOVED',
  framework_removed: { framework_info: framework(id).framework_info },
});
export const taskAdded = (added: Task): Event => ({ type: 'TASK_ADDED', task_added: { task: added } });

/** A task is in another state. */
export function taskUpdated(
  id: string,
  frameworkId: string,
  state: State,
  more: Partial<TaskStatus> = {},
): Event {
  const status = { task_id: { value: id }, state, timestamp: 200, ...more };
  return { type: 'TASK_UPDATED', task_updated: { framework_id: { value: frameworkId }, status, state } };
}
