/** What is done with accepted offers, between the house and the v1 API. */
import * as v from 'valibot';
import {
  type FrameworkId,
  type Operation,
  type SlaveId,
  type TaskId,
  type TaskInfo,
  TaskInfoSchema,
} from '../../protocol/entities.ts';
import type { Resources } from '../../protocol/resources.ts';
import type * as v1 from '../entities.ts';
import { MalformedError, required } from '../json.ts';
import { refuseFields, Unsupported } from './refusal.ts';
import { resourcesFromV1, resourcesToV1 } from './resources.ts';
import { taskFromV1, taskToV1 } from './tasks.ts';

/** A task that cannot be launched, whatever is offered. */
export interface InvalidTask {
  readonly taskId: TaskId;
  readonly slaveId: SlaveId;
  readonly complaint: string;
}

/** Reads an operation; its tasks that cannot be go into `invalid`. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function operationFromV1(
  operation: v1.Operation,
  frameworkId: FrameworkId,
  invalid: InvalidTask[],
): Operation {
  const { type = 'UNKNOWN', id } = operation;
  // Who gives one waits to be told what became of it.
  if (id !== undefined)
    throw new Unsupported(
      "'Operation.id' is not supported by this system, which tells of no operations; leave it out",
    );
  switch (type) {
    case 'LAUNCH':
      return { type, taskInfos: tasksFromV1(required(operation, 'launch'), frameworkId, invalid) };
    case 'RESERVE':
      return { type, resources: reservationFromV1(required(operation, 'reserve')) };
    case 'UNRESERVE':
      return { type, resources: reservationFromV1(required(operation, 'unreserve')) };
    default:
      throw new Unsupported(
        `Operations of type ${type} are not supported by this system; only LAUNCH, RESERVE and UNRESERVE are`,
      );
  }
}

/** Reads what is to be reserved, or not any more. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function reservationFromV1(given: {
  readonly resources?: readonly v1.Resource[];
  readonly source?: readonly v1.Resource[];
}): Resources {
  refuseFields('Reserve', given, ['source']);
  return resourcesFromV1(given.resources);
}

function tasksFromV1(
  { task_infos = [] }: NonNullable<v1.Operation['launch']>,
  frameworkId: FrameworkId,
  invalid: InvalidTask[],
): readonly TaskInfo[] {
  return task_infos.flatMap((task) => {
    try {
      return [checked(task, frameworkId)];
    } catch (error) {
      if (!(error instanceof Unsupported || error instanceof MalformedError)) throw error;
      const { task_id, agent_id } = task;
      invalid.push({ taskId: task_id.value, slaveId: agent_id.value, complaint: error.message });
      return [];
    }
  });
}

function checked(task: v1.TaskInfo, frameworkId: FrameworkId): TaskInfo {
  const claimed = task.executor?.framework_id?.value;
  if (claimed !== undefined && claimed !== frameworkId)
    throw new MalformedError(`The executor has framework id ${claimed}; that of its task is ${frameworkId}`);
  const info = taskFromV1(task);
  const issue = v.safeParse(TaskInfoSchema, info).issues?.[0];
  if (issue !== undefined)
    throw new MalformedError(`The task cannot be: ${`${v.getDotPath(issue) ?? ''} ${issue.message}`.trim()}`);
  return info;
}

/** An operation as v1 has it. */
export function operationToV1(operation: Operation, frameworkId: FrameworkId): v1.Operation {
  const { type } = operation;
  switch (type) {
    case 'LAUNCH': {
      const task_infos = operation.taskInfos.map((task) => taskToV1(task, frameworkId));
      return { type, launch: { task_infos } };
    }
    case 'RESERVE':
      return { type, reserve: { resources: resourcesToV1(operation.resources) } };
    case 'UNRESERVE':
      return { type, unreserve: { resources: resourcesToV1(operation.resources) } };
    default:
      return operation satisfies never;
  }
}
