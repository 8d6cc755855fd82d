/** Invariants: a task is launched once, ends once, and does end. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { isTerminal, type TaskState } from '../../mesos/protocol/tasks.ts';
import { Findings, type Invariant } from './findings.ts';
import { taskKey } from './scope.ts';

/**
 * No task runs twice, or changes state after a terminal one. The same terminal state reported again is no
 * change, and a task that is refused ends without having been launched.
 */
export function tasksRunOnce(): Invariant {
  const findings = new Findings(
    'tasks-run-once',
    'No task runs twice, or changes state after a terminal one.',
  );
  const states = new Map<string, TaskState>();
  return {
    observe(line) {
      if (line.event === 'task-launched') {
        const key = taskKey(line);
        if (states.has(key)) findings.report(line, 'a task of this id was there before');
        states.set(key, 'TASK_STAGING');
      } else if (line.event === 'task-updated') {
        const key = taskKey(line);
        const before = states.get(key);
        if (before === undefined && !isTerminal(line.state))
          findings.report(line, 'this task was never launched');
        if (before !== undefined && isTerminal(before) && line.state !== before)
          findings.report(line, `this task was ${before} before`);
        else states.set(key, line.state);
      }
    },
    result: () => findings.check(`${states.size} tasks`),
  };
}

/** Every launched task has reached a terminal state by the end of the history. */
export function tasksEnd(): Invariant {
  const findings = new Findings('tasks-end', 'Every launched task ended.');
  const running = new Map<string, HistoryLine>();
  let launched = 0;
  return {
    observe(line) {
      if (line.event === 'task-launched') {
        launched++;
        running.set(taskKey(line), line);
      } else if (line.event === 'task-updated' && isTerminal(line.state)) running.delete(taskKey(line));
    },
    result: () => findings.check(`${launched} tasks`, running.values(), 'this task never ended'),
  };
}
