/** The largest part of the cluster that each framework held at any time. */
import { round, unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { frameworkKey, taskKey } from './scope.ts';

/** CPUs that a framework holds, and the most that it ever held: of changes at one time the last counts. */
interface Held {
  cpus: number;
  changedMs: number;
  largest: number;
}

/** In per cent of all CPUs, by the framework's name. */
export function largestShares(): () => Measure {
  return () => {
    const cluster = clusterSize();
    const names = new Map<string, string>();
    const byName = new Map<string, Held>();
    const running = new Map<string, { readonly held: Held; readonly cpus: number }>();
    const heldBy = (name: string): Held => {
      const held = byName.get(name) ?? { cpus: 0, changedMs: 0, largest: 0 };
      byName.set(name, held);
      return held;
    };
    const change = (held: Held, t: number, cpus: number): void => {
      if (t > held.changedMs) {
        held.largest = Math.max(held.largest, held.cpus);
        held.changedMs = t;
      }
      held.cpus = round(held.cpus + cpus);
    };
    return {
      observe(line) {
        cluster.observe(line);
        switch (line.event) {
          case 'framework-registered':
            names.set(frameworkKey(line), line.name);
            heldBy(line.name);
            return;
          case 'task-launched': {
            const key = taskKey(line);
            if (running.has(key)) return;
            const held = heldBy(names.get(frameworkKey(line)) ?? line.frameworkId);
            const { cpus = 0 } = unreserved(line.resources);
            running.set(key, { held, cpus });
            return change(held, line.t, cpus);
          }
          case 'task-updated': {
            if (!isTerminal(line.state)) return;
            const task = running.get(taskKey(line));
            if (task === undefined) return;
            running.delete(taskKey(line));
            change(task.held, line.t, -task.cpus);
          }
        }
      },
      result() {
        const { cpus: all } = cluster.result();
        const values = [...byName].map(([name, { cpus, largest }]) => [
          `largest share of ${name} (%)`,
          (100 * Math.max(largest, cpus)) / all,
        ]);
        return { values: Object.fromEntries(values) };
      },
    };
  };
}
