/** The master's part in revocation (NSDI'11 §3.3): the allocation module chooses the tasks that have to make room, the master ends them. */
import type { RunningTask } from '../allocation/allocation.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Books } from './books.ts';
import { killOrder } from './state.ts';

/** Asks the allocation module which tasks are to end, and tells their slaves. */
export function revoke(books: Books): void {
  const { context, allocation, frameworks } = books;
  for (const { frameworkId, taskId, forFrameworkId, graceMs } of allocation.revoke(context.now(), (id) =>
    tasksOf(books, id),
  )) {
    const task = frameworks.get(frameworkId)?.tasks.get(taskId);
    if (task === undefined)
      throw new Error(`the allocation module revoked ${taskId} of ${frameworkId}, which is unknown`);
    task.kill = { gracePeriodMs: graceMs, reason: 'REASON_CONTAINER_PREEMPTED' };
    context.record({
      event: 'task-revoked',
      taskId,
      frameworkId,
      slaveId: task.slave.id,
      forFrameworkId,
      graceMs,
    });
    books.order(task.slave, killOrder(task));
  }
}

function* tasksOf({ frameworks }: Books, frameworkId: string): Iterable<RunningTask> {
  for (const task of frameworks.get(frameworkId)?.tasks.values() ?? []) {
    if (isTerminal(task.state)) continue;
    const { id, slave, pool, resources, launchedMs, kill } = task;
    yield { taskId: id, slaveId: slave.id, pool, resources, launchedMs, isEnding: kill !== undefined };
  }
}
