/** Invariants: a task is launched once, ends once, and does end. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { isTerminal, type StatusReason, type TaskState } from '../../mesos/protocol/tasks.ts';
import { Findings, type Invariant } from './invariant.ts';
import { isMaster, taskKey } from './scope.ts';

interface Known {
  readonly state: TaskState;
  readonly reason: StatusReason | undefined;
  /** How many masters had been elected by then. */
  readonly reigns: number;
}

/** May a task be heard of again that has ended in a master's books, though not for certain? */
function mayComeBack({ reason, reigns }: Known, reignsNow: number): boolean {
  switch (reason) {
    // The slave was given up, and may return.
    case 'REASON_SLAVE_REMOVED':
      return true;
    // The next master does not know that the framework was removed.
    case 'REASON_FRAMEWORK_REMOVED':
      return reignsNow > reigns;
    default:
      return false;
  }
}

/**
 * No task runs twice, or changes state after a terminal one. The same terminal state reported again is no
 * change, and a task that is refused ends without having been launched. One that a master only took for ended, because its
 * slave was out of reach or its framework gone, may be heard of again.
 */
export function tasksRunOnce(): Invariant {
  const findings = new Findings(
    'tasks-run-once',
    'No task runs twice, or changes state after a terminal one.',
  );
  const states = new Map<string, Known>();
  let reigns = 0;
  return {
    observe(line) {
      if (line.event === 'master-elected') reigns++;
      else if (line.event === 'task-launched') {
        const key = taskKey(line);
        if (states.has(key)) findings.report(line, 'a task of this id was there before');
        states.set(key, { state: 'TASK_STAGING', reason: undefined, reigns });
      } else if (line.event === 'task-updated') {
        const key = taskKey(line);
        const before = states.get(key);
        if (before === undefined && !isTerminal(line.state))
          findings.report(line, 'this task was never launched');
        if (
          before !== undefined &&
          isTerminal(before.state) &&
          line.state !== before.state &&
          !mayComeBack(before, reigns)
        )
          findings.report(line, `this task was ${before.state} before`);
        else states.set(key, { state: line.state, reason: line.reason, reigns });
      }
    },
    result: () => findings.check(`${states.size} tasks`),
  };
}

/**
 * Every launched task has reached a terminal state by the end of the history. One that was launched by a master which has
 * been succeeded, and that no master has heard of since, has ended with that master: its order may never have arrived.
 */
export function tasksEnd(): Invariant {
  const findings = new Findings('tasks-end', 'Every launched task ended.');
  const launches = new Map<string, HistoryLine>();
  const running = new Map<string, HistoryLine>();
  const ended = new Map<string, Known>();
  let reigns = 0;
  return {
    observe(line) {
      if (line.event === 'master-elected') {
        reigns++;
        for (const [key, { by }] of running) if (isMaster(by)) running.delete(key);
      } else if (line.event === 'task-launched') {
        launches.set(taskKey(line), line);
        running.set(taskKey(line), line);
      } else if (line.event === 'task-updated') {
        const key = taskKey(line);
        const launch = launches.get(key);
        const before = ended.get(key);
        if (isTerminal(line.state)) {
          running.delete(key);
          ended.set(key, { state: line.state, reason: line.reason, reigns });
        } else if (launch !== undefined && (before === undefined || mayComeBack(before, reigns)))
          running.set(key, launch);
      }
    },
    result: () => findings.check(`${launches.size} tasks`, running.values(), 'this task never ended'),
  };
}
