/** What each event of the v1 stream changes of what the page knows. It depends on nothing else: the same events, the same model. */
import type { Task, TaskStatus } from '../../../v1/entities.ts';
import type { Agent, Event, Framework, GetState } from '../../../v1/masterAnswers.ts';
import type { Value } from '../../../v1/schema.ts';
import type { Millis } from '../clock.ts';
import { agentFacts, frameworkFacts, UNKNOWN_FRAMEWORK } from './facts.ts';
import {
  COMPLETED_MAX,
  DEPARTED_MAX,
  ENDED_MAX,
  type FrameworkRecord,
  loadOf,
  type Model,
  newModel,
  type TaskRecord,
} from './model.ts';
import { addTo } from './quantities.ts';
import { phaseOf, type TaskState } from './taskStates.ts';

/** Takes in an event. Returns the model, which is a new one if the event tells of everything. */
export function apply(model: Model, event: Event): Model {
  switch (event.type) {
    case 'SUBSCRIBED':
      return modelOf(event.subscribed?.get_state ?? {}, model);
    case 'TASK_ADDED':
      if (event.task_added !== undefined) addTask(model, event.task_added.task);
      return model;
    case 'TASK_UPDATED':
      if (event.task_updated !== undefined) updateTask(model, event.task_updated);
      return model;
    case 'AGENT_ADDED':
      if (event.agent_added !== undefined) addSlave(model, event.agent_added.agent);
      return model;
    case 'AGENT_REMOVED':
      if (event.agent_removed !== undefined) removeSlave(model, event.agent_removed.agent_id.value);
      return model;
    case 'FRAMEWORK_ADDED':
      if (event.framework_added !== undefined) setFramework(model, event.framework_added.framework, false);
      return model;
    case 'FRAMEWORK_UPDATED':
      if (event.framework_updated !== undefined)
        setFramework(model, event.framework_updated.framework, false);
      return model;
    case 'FRAMEWORK_REMOVED': {
      const id = event.framework_removed?.framework_info.id?.value;
      const framework = id === undefined ? undefined : model.frameworks.get(id);
      if (framework !== undefined) complete(model, framework);
      return model;
    }
    // What a later master sends is passed over.
    default:
      return model;
  }
}

function modelOf(state: Value<typeof GetState>, { revisions, endedSince }: Model): Model {
  const model = newModel();
  for (const agent of state.get_agents?.agents ?? []) addSlave(model, agent);
  for (const framework of state.get_frameworks?.completed_frameworks ?? [])
    setFramework(model, framework, true);
  for (const framework of state.get_frameworks?.frameworks ?? []) setFramework(model, framework, false);
  const { completed_tasks = [], unreachable_tasks = [], tasks = [] } = state.get_tasks ?? {};
  for (const task of completed_tasks) addTask(model, task);
  for (const task of unreachable_tasks) addTask(model, task);
  for (const task of tasks) addTask(model, task);
  model.endedSince = endedSince;
  for (const part of ['slaves', 'frameworks', 'tasks'] as const) model.revisions[part] += revisions[part] + 1;
  return model;
}

function addSlave(model: Model, agent: Agent): void {
  const slave = agentFacts(agent, model.quantitiesOf);
  const before = model.slaves.get(slave.id);
  if (before !== undefined) addTo(model.total, before.total, -1);
  addTo(model.total, slave.total);
  model.slaves.set(slave.id, slave);
  model.revisions.slaves++;
}

function removeSlave(model: Model, id: string): void {
  const slave = model.slaves.get(id);
  if (slave === undefined) return;
  addTo(model.total, slave.total, -1);
  model.slaves.delete(id);
  if (loadOf(model, id).live === 0) model.loads.delete(id);
  model.departed.set(id, slave.hostname);
  dropOldest(model.departed, DEPARTED_MAX);
  model.revisions.slaves++;
}

function setFramework(model: Model, framework: Framework, isCompleted: boolean): void {
  const id = framework.framework_info.id?.value;
  if (id === undefined) return;
  frameworkOf(model, id).facts = frameworkFacts(framework, isCompleted);
  model.revisions.frameworks++;
}

/** The framework of an id; what it is may be told later. */
function frameworkOf(model: Model, id: string): FrameworkRecord {
  let framework = model.frameworks.get(id);
  if (framework === undefined) {
    framework = { id, facts: UNKNOWN_FRAMEWORK, tasks: new Map(), used: {}, counts: {}, live: 0 };
    model.frameworks.set(id, framework);
  }
  return framework;
}

function complete(model: Model, framework: FrameworkRecord): void {
  framework.facts = { ...framework.facts, state: 'completed' };
  // The latest last.
  model.frameworks.delete(framework.id);
  model.frameworks.set(framework.id, framework);
  const completed = [...model.frameworks.values()].filter(({ facts }) => facts.state === 'completed');
  for (const old of completed.slice(0, Math.max(0, completed.length - COMPLETED_MAX))) {
    for (const task of old.tasks.values()) forget(model, task);
    model.frameworks.delete(old.id);
  }
  model.revisions.frameworks++;
}

function addTask(model: Model, task: Task): void {
  const framework = frameworkOf(model, task.framework_id.value);
  const known = framework.tasks.get(task.task_id.value);
  if (known !== undefined) forget(model, known);
  const [first] = task.statuses ?? [];
  const last = task.statuses?.at(-1);
  const record: TaskRecord = {
    id: task.task_id.value,
    name: task.name,
    framework,
    slaveId: task.agent_id.value,
    executorId: task.executor_id?.value ?? '',
    resources: model.quantitiesOf(task.resources),
    state: task.state,
    startedMs: secondsToMs(first?.timestamp),
    changedMs: secondsToMs(last?.timestamp),
    why: whyOf(last),
  };
  framework.tasks.set(record.id, record);
  model.tasks.add(record);
  count(model, record, 1);
  keep(model, record);
  model.revisions.tasks++;
}

function updateTask(model: Model, { framework_id, status, state }: NonNullable<Event['task_updated']>): void {
  const task = model.frameworks.get(framework_id.value)?.tasks.get(status.task_id.value);
  if (task === undefined) return;
  const wasEnded = phaseOf(task.state) === 'ended';
  count(model, task, -1);
  task.state = state;
  task.changedMs = secondsToMs(status.timestamp) ?? task.changedMs;
  task.why = whyOf(status);
  count(model, task, 1);
  if (!wasEnded && phaseOf(state) === 'ended') model.endedSince++;
  keep(model, task);
  model.revisions.tasks++;
}

/** Counts a task into all sums, or out of them. */
function count(model: Model, task: TaskRecord, by: 1 | -1): void {
  const { framework, state, slaveId, resources } = task;
  countState(model.counts, state, by);
  countState(framework.counts, state, by);
  if (phaseOf(state) !== 'live') return;
  const load = loadOf(model, slaveId);
  framework.live += by;
  load.live += by;
  for (const sum of [model.used, framework.used, load.used]) addTo(sum, resources, by);
  if (load.live === 0 && !model.slaves.has(slaveId)) model.loads.delete(slaveId);
}

function countState(counts: Partial<Record<TaskState, number>>, state: TaskState, by: number): void {
  counts[state] = (counts[state] ?? 0) + by;
}

/** A task that has ended is kept for a while, in the order in which they end. */
function keep(model: Model, task: TaskRecord): void {
  model.ended.delete(task);
  if (phaseOf(task.state) !== 'ended') return;
  model.ended.add(task);
  for (const old of model.ended) {
    if (model.ended.size <= ENDED_MAX) return;
    forget(model, old);
  }
}

function forget(model: Model, task: TaskRecord): void {
  count(model, task, -1);
  model.tasks.delete(task);
  model.ended.delete(task);
  task.framework.tasks.delete(task.id);
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

function secondsToMs(seconds: number | undefined): Millis | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Why a task is in its state, as its status says. */
function whyOf(status: TaskStatus | undefined): string {
  const { reason, message = '' } = status ?? {};
  const short = message.slice(0, 500);
  if (reason === undefined) return short;
  const words = reason
    .replace(/^REASON_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
  return short === '' ? words : `${short} (${words})`;
}
