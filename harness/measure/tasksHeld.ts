/** How many tasks frameworks have in the end, against what they should have. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { foldOf } from './fold.ts';

/** Counts the tasks that run at the end of the history. */
export function tasksHeld(expected: Readonly<Record<string, number>>): () => Measure {
  return () => {
    const names = new Map<string, string>();
    const running = new Map<string, Set<string>>();
    return foldOf({
      on: {
        'framework-registered': (line) => void names.set(line.frameworkId, line.name),
        'task-launched': (line) => {
          const name = names.get(line.frameworkId) ?? line.frameworkId;
          running.set(name, (running.get(name) ?? new Set()).add(line.taskId));
        },
        'task-updated': (line) => {
          if (isTerminal(line.state)) running.get(names.get(line.frameworkId) ?? '')?.delete(line.taskId);
        },
      },
      result() {
        const counts = Object.keys(expected).map((name) => [name, running.get(name)?.size ?? 0] as const);
        return {
          values: Object.fromEntries(counts.map(([name, count]) => [`tasks of ${name} (count)`, count])),
          checks: counts.map(([name, count]) => ({
            id: `tasks-of-${name}`,
            claim: `${name} has the tasks that it should have.`,
            verdict: count === expected[name] ? 'passed' : 'failed',
            detail: `${count}, expected ${expected[name]}`,
          })),
        };
      },
    });
  };
}
