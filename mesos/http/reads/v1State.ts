/**
 * All tasks, executors, frameworks and slaves as the operator API lists them. What is on a list is decided at once; each item is made
 * when it is written.
 */
import type * as v1 from '../../v1/masterAnswers.ts';
import { executorToV1 } from '../../v1/translate/tasks.ts';
import type { Chronicle } from './chronicle.ts';
import type { Lazily } from './lazily.ts';
import { frameworkRecordToV1, slaveRecordToV1, taskJsonToV1, taskRecordToV1 } from './v1Entities.ts';

/** All that there is. */
export function stateOf(chronicle: Chronicle): Lazily<v1.GetState> {
  return {
    get_tasks: tasksOf(chronicle),
    get_executors: executorsOf(chronicle),
    get_frameworks: frameworksOf(chronicle),
    get_agents: slavesOf(chronicle),
  };
}

/** Tasks, also those that have ended. */
export function tasksOf({ frameworks, completedFrameworks }: Chronicle): Lazily<v1.GetTasks> {
  const all = [...frameworks.values(), ...completedFrameworks].map((record) => ({
    info: record.framework.info,
    tasks: [...record.tasks.values()],
    unreachable: [...record.unreachable.values()],
    completed: record.completed.snapshot(),
  }));
  return {
    tasks: lazily(function* () {
      for (const { tasks } of all) for (const task of tasks) yield taskRecordToV1(task);
    }),
    unreachable_tasks: lazily(function* () {
      for (const { info, unreachable } of all)
        for (const { json } of unreachable) yield taskJsonToV1(json, info);
    }),
    completed_tasks: lazily(function* () {
      for (const { info, completed } of all) for (const { json } of completed) yield taskJsonToV1(json, info);
    }),
  };
}

/** Executors of frameworks' own. Those that run commands are their tasks' affair. */
export function executorsOf({ slaves }: Chronicle): Lazily<v1.GetExecutors> {
  const all = [...slaves.values()];
  return {
    executors: lazily(function* () {
      for (const { slave } of all)
        for (const [frameworkId, executors] of slave.executors)
          for (const executor of executors.values())
            if (!executor.isCommand)
              yield { executor_info: executorToV1(executor, frameworkId), agent_id: { value: slave.id } };
    }),
  };
}

/** Frameworks, also those that have ended. */
export function frameworksOf({
  frameworks,
  completedFrameworks,
  books,
}: Chronicle): Lazily<v1.GetFrameworks> {
  const present = [...frameworks.values()];
  const completed = [...completedFrameworks];
  return {
    frameworks: lazily(function* () {
      for (const record of present) yield frameworkRecordToV1(record, false, books);
    }),
    completed_frameworks: lazily(function* () {
      for (const record of completed) yield frameworkRecordToV1(record, true, books);
    }),
  };
}

/** Slaves. */
export function slavesOf({ slaves }: Chronicle): Lazily<v1.GetAgents> {
  const all = [...slaves.values()];
  return {
    agents: lazily(function* () {
      for (const record of all) yield slaveRecordToV1(record);
    }),
  };
}

function lazily<T>(make: () => Generator<T>): Iterable<T> {
  return { [Symbol.iterator]: make };
}
