/** How often a slave has nothing but long tasks, so that nobody gets a slot on it for long (NSDI'11 §4.4). */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { foldOf } from './fold.ts';
import type { Span } from './stepFunction.ts';
import { StepFunction } from './stepFunction.ts';

/** What to look at. */
export interface FullNodes {
  /** The framework with the long tasks. */
  readonly framework: string;
  /** Tasks that fill a slave. */
  readonly slots: number;
  readonly slaves: number;
  readonly span: Span;
  /** Fraction of all tasks that are long, as it is meant to be. */
  readonly longFraction: number;
}

/** The part of slaves that are full of long tasks, and the part of tasks that are long, over time. */
export function fullNodes({ framework, slots, slaves, span, longFraction }: FullNodes): () => Measure {
  return () => {
    let id: string | undefined;
    const running = new Set<string>();
    const onSlave = new Map<string, number>();
    const long = new StepFunction();
    const full = new StepFunction();
    const change = (slaveId: string, t: number, by: 1 | -1): void => {
      const before = onSlave.get(slaveId) ?? 0;
      onSlave.set(slaveId, before + by);
      long.change(t, by);
      if (before + by === slots) full.change(t, 1);
      else if (before === slots) full.change(t, -1);
    };
    return foldOf({
      on: {
        'framework-registered': (line) => {
          if (line.name === framework) id = line.frameworkId;
        },
        'task-launched': (line) => {
          if (line.frameworkId !== id) return;
          running.add(line.taskId);
          change(line.slaveId, line.t, 1);
        },
        'task-updated': (line) => {
          if (line.frameworkId !== id || !isTerminal(line.state) || !running.delete(line.taskId)) return;
          change(line.slaveId, line.t, -1);
        },
      },
      result: () => ({
        values: {
          'slaves full of long tasks (%)': (100 * full.mean(span)) / slaves,
          'slaves full of long tasks by the paper (%)': 100 * longFraction ** slots,
          'long tasks (%)': (100 * long.mean(span)) / (slaves * slots),
        },
      }),
    });
  };
}
