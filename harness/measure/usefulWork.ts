/** How much of the time that a cluster has is spent on work. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { taskKey } from './scope.ts';
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
export function usefulWork({ cpus, workMs }: TaskOfWork, window: Span): Measure {
  const cluster = clusterSize();
  const launchedMs = new Map<string, number>();
  let usefulMs = 0;
  let tasks = 0;
  return {
    observe(line) {
      cluster.observe(line);
      if (line.event === 'task-launched') launchedMs.set(taskKey(line), line.t);
      if (line.event !== 'task-updated' || !isTerminal(line.state)) return;
      const from = launchedMs.get(taskKey(line));
      if (from === undefined || !launchedMs.delete(taskKey(line)) || line.state !== 'TASK_FINISHED') return;
      const within = Math.min(line.t, window.toMs) - Math.max(from, window.fromMs);
      if (within <= 0) return;
      tasks++;
      usefulMs += (within * workMs) / (line.t - from);
    },
    result() {
      const wholeMs = cluster.result().cpus * (window.toMs - window.fromMs);
      const useful = wholeMs > 0 ? (100 * cpus * usefulMs) / wholeMs : 0;
      return { values: { 'useful (%)': useful, 'tasks (tasks)': tasks } };
    },
  };
}
