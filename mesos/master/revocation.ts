/** The master's part in revocation (NSDI'11 §3.3): the allocation module chooses the tasks that have to make room, the master ends them. */
import type { RunningTask } from '../allocation/allocation.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Millis } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import { killOrder, type Task } from './state.ts';

const REVOKED = 'REASON_CONTAINER_PREEMPTED';
/** What its framework has killed is revoked like any other task if it has not ended by then. */
const KILLED_ENDS_MS: Millis = 10_000;

/** Asks the allocation module which tasks are to end, and tells their slaves. */
export function revoke(books: Books): void {
  const { context, allocation, frameworks } = books;
  for (const { frameworkId, taskId, forFrameworkId, graceMs } of allocation.revoke(context.now(), (id) =>
    tasksOf(books, id),
  )) {
    const task = frameworks.get(frameworkId)?.tasks.get(taskId);
    if (task === undefined)
      throw new Error(`the allocation module revoked ${taskId} of ${frameworkId}, which is unknown`);
    task.kill = { ...task.kill, reason: REVOKED, gracePeriodMs: graceMs };
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

function* tasksOf({ frameworks, context }: Books, frameworkId: string): Iterable<RunningTask> {
  for (const task of frameworks.get(frameworkId)?.tasks.values() ?? []) {
    if (isTerminal(task.state)) continue;
    const { id, slave, pool, resources, launchedMs } = task;
    const isEnding = endsSoon(task, context.now());
    yield { taskId: id, slaveId: slave.id, pool, resources, launchedMs, isEnding };
  }
}

/** Was it revoked, or told to end by its framework, which can leave it at that, so lately that it may still do so by itself? */
function endsSoon({ kill, killedMs }: Task, nowMs: Millis): boolean {
  return kill?.reason === REVOKED || (killedMs !== undefined && nowMs - killedMs < KILLED_ENDS_MS);
}
