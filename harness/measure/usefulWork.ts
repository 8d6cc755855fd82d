/** How much of the time that a cluster has is spent on work. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { foldOf } from './fold.ts';
import { newPass } from './pass.ts';
import type { Span } from './stepFunction.ts';

/** What a task is. */
export interface TaskOfWork {
  /** CPUs that one task holds. */
  readonly cpus: number;
  /** The part of each task's time that is work; the rest is spent on its start and its end. */
  readonly workMs: number;
}

/**
 * `useful (%)`: work over CPU time, in the window. A task holds its CPUs from its launch to its end, and its work counts evenly over
 * that time. Only tasks that have finished count: let the run go on after the window for as long as a task takes.
 */
export function usefulWork({ cpus, workMs }: TaskOfWork, window: Span, pass = newPass()): Measure {
  const cluster = pass.shared(clusterSize);
  const launchedMs = new Map<number, number>();
  let usefulMs = 0;
  let tasks = 0;
  return foldOf({
    parts: [cluster],
    on: {
      'task-launched': (line) => void launchedMs.set(pass.task(line), line.t),
      'task-updated': (line) => {
        if (!isTerminal(line.state)) return;
        const task = pass.task(line);
        const from = launchedMs.get(task);
        if (from === undefined || !launchedMs.delete(task) || line.state !== 'TASK_FINISHED') return;
        const within = Math.min(line.t, window.toMs) - Math.max(from, window.fromMs);
        if (within <= 0) return;
        tasks++;
        usefulMs += (within * workMs) / (line.t - from);
      },
    },
    result() {
      const wholeMs = cluster.result().cpus * (window.toMs - window.fromMs);
      const useful = wholeMs > 0 ? (100 * cpus * usefulMs) / wholeMs : 0;
      return { values: { 'useful (%)': useful, 'tasks (tasks)': tasks } };
    },
  });
}
