/** Commands, executors and tasks between the house and the v1 API. */
import { commandExecutorInfo } from '../../protocol/commandTask.ts';
import type { CommandInfo, ExecutorInfo, Label, TaskInfo } from '../../protocol/entities.ts';
import type * as v1 from '../entities.ts';
import { MalformedError, required } from '../json.ts';
import { refuseFields, Unsupported } from './refusal.ts';
import { portsFromV1, resourcesFromV1, resourcesToV1 } from './resources.ts';

const NANOSECONDS_PER_MS = 1e6;

/** A span as v1 has it. */
export const durationToV1 = (ms: number): { readonly nanoseconds: number } => ({
  nanoseconds: Math.round(ms * NANOSECONDS_PER_MS),
});
/** A span in milliseconds. */
export const durationFromV1 = ({ nanoseconds }: { readonly nanoseconds: number }): number =>
  nanoseconds / NANOSECONDS_PER_MS;

/** Reads a command. Throws an {@link Unsupported} or a {@link MalformedError}. */
function commandFromV1(command: v1.CommandInfo): CommandInfo {
  refuseFields('CommandInfo', command, ['user']);
  const { shell = true, value, arguments: args = [], environment, uris = [] } = command;
  if (value === undefined || value === '')
    throw new MalformedError("Expecting 'CommandInfo.value' to be present: what is there to run?");
  if (shell && args.length > 0)
    throw new MalformedError("'CommandInfo.arguments' is for commands with 'shell' false");
  return {
    shell,
    value,
    arguments: args,
    environment: Object.fromEntries((environment?.variables ?? []).map(variableOf)),
    ...(uris.length > 0 && {
      uris: uris.map(({ value: uri, executable, extract, output_file }) => ({
        value: uri,
        ...(executable !== undefined && { executable }),
        ...(extract !== undefined && { extract }),
        ...(output_file !== undefined && { outputFile: output_file }),
      })),
    }),
  };
}

type Variable = NonNullable<NonNullable<v1.CommandInfo['environment']>['variables']>[number];

function variableOf({ name, type = 'VALUE', value, secret }: Variable): readonly [string, string] {
  if (type !== 'VALUE' || secret !== undefined)
    throw new Unsupported(`Environment variable '${name}' is a secret; this system has plain values only`);
  if (value === undefined) throw new MalformedError(`Environment variable '${name}' has no value`);
  return [name, value];
}

/** A command as v1 has it. */
export function commandToV1(command: CommandInfo): v1.CommandInfo {
  const { shell, value, arguments: args, environment, uris = [] } = command;
  const variables = Object.entries(environment).map(([name, text]) => ({ name, value: text }));
  return {
    shell,
    value,
    ...(args.length > 0 && { arguments: args }),
    ...(variables.length > 0 && { environment: { variables } }),
    ...(uris.length > 0 && {
      uris: uris.map(({ value: uri, executable, extract, outputFile }) => ({
        value: uri,
        ...(executable !== undefined && { executable }),
        ...(extract !== undefined && { extract }),
        ...(outputFile !== undefined && { output_file: outputFile }),
      })),
    }),
  };
}

/** Reads an executor. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function executorFromV1(executor: v1.ExecutorInfo): ExecutorInfo {
  refuseFields('ExecutorInfo', executor, ['container', 'discovery']);
  if (portsFromV1(executor.resources).length > 0)
    throw new Unsupported('Executors with ports of their own are not supported; give them to a task');
  const { executor_id, type = 'CUSTOM', resources, data, name, shutdown_grace_period } = executor;
  if (type === 'DEFAULT') throw new Unsupported('Executors of type DEFAULT (task groups) are not supported');
  return {
    executorId: executor_id.value,
    name: name ?? '',
    command: commandFromV1(required(executor, 'command', 'ExecutorInfo.command')),
    resources: resourcesFromV1(resources),
    ...(data !== undefined && { data }),
    ...(shutdown_grace_period && { shutdownGraceMs: durationFromV1(shutdown_grace_period) }),
  };
}

/** An executor as v1 has it. */
export function executorToV1(executor: ExecutorInfo, frameworkId: string): v1.ExecutorInfo {
  const { executorId, name, command, resources, data, shutdownGraceMs } = executor;
  return {
    executor_id: { value: executorId },
    framework_id: { value: frameworkId },
    name,
    command: commandToV1(command),
    resources: resourcesToV1(resources),
    ...(data !== undefined && { data }),
    ...(shutdownGraceMs !== undefined && { shutdown_grace_period: durationToV1(shutdownGraceMs) }),
  };
}

/** Reads a task. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function taskFromV1(task: v1.TaskInfo): TaskInfo {
  refuseFields('TaskInfo', task, ['container', 'health_check', 'check', 'discovery']);
  if (Object.keys(task.limits ?? {}).length > 0)
    throw new Unsupported("'TaskInfo.limits' is not supported by this system; leave it out");
  const { task_id, agent_id, name, executor, command, resources, data } = task;
  if ((executor === undefined) === (command === undefined))
    throw new MalformedError("A task must have either an 'ExecutorInfo' or a 'CommandInfo'");
  const own = command === undefined ? undefined : commandFromV1(command);
  const { kill_policy, max_completion_time, labels } = task;
  const ports = portsFromV1(resources);
  return {
    name,
    taskId: task_id.value,
    slaveId: agent_id.value,
    resources: resourcesFromV1(resources),
    ...(ports.length > 0 && { ports }),
    executor:
      own === undefined
        ? executorFromV1(executor as v1.ExecutorInfo)
        : commandExecutorInfo(task_id.value, own),
    ...(own !== undefined && { command: own }),
    ...(data !== undefined && { data }),
    ...(kill_policy?.grace_period && { killGraceMs: durationFromV1(kill_policy.grace_period) }),
    ...(max_completion_time && { maxCompletionTimeMs: durationFromV1(max_completion_time) }),
    ...(labels?.labels && { labels: labels.labels }),
  };
}

/** A task as v1 has it. */
export function taskToV1(task: TaskInfo, frameworkId: string): v1.TaskInfo {
  const { name, taskId, slaveId, resources, ports, executor, command, data } = task;
  const { killGraceMs, maxCompletionTimeMs, labels } = task;
  return {
    name,
    task_id: { value: taskId },
    agent_id: { value: slaveId },
    resources: resourcesToV1(resources, { ports }),
    ...(command === undefined
      ? { executor: executorToV1(executor, frameworkId) }
      : { command: commandToV1(command) }),
    ...(data !== undefined && { data }),
    ...(killGraceMs !== undefined && { kill_policy: { grace_period: durationToV1(killGraceMs) } }),
    ...(maxCompletionTimeMs !== undefined && { max_completion_time: durationToV1(maxCompletionTimeMs) }),
    ...(labels !== undefined && { labels: labelsToV1(labels) }),
  };
}

/** Labels as v1 has them. */
export function labelsToV1(labels: readonly Label[]): { readonly labels: readonly Label[] } {
  return { labels };
}
