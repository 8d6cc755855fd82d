/** How soon a framework that held nothing holds a quarter of the cluster: when it wants it, and others have it. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { mean } from '../statistics/mean.ts';
import { median } from '../statistics/quantile.ts';
import { clusterSize } from './cluster.ts';
import { frameworkKey, taskKey } from './scope.ts';

/** Less than this part of the cluster is nothing. */
const NOTHING_PART = 0.01;
const QUARTER = 0.25;

interface Held {
  cpus: number;
  /** When it last had next to nothing; undefined as long as it has more, once it had a quarter. */
  nothingMs: number | undefined;
  readonly tookS: number[];
}

/** Mean and median of the times from the last moment with less than 1 % of the CPUs to the first with 25 %. */
export function regained(frameworks: readonly string[]): () => Measure {
  return () => {
    const cluster = clusterSize();
    const names = new Map<string, string>();
    const held = new Map<string, Held>(
      frameworks.map((name) => [name, { cpus: 0, nothingMs: undefined, tookS: [] }]),
    );
    const tasks = new Map<string, { readonly of: Held; readonly cpus: number }>();
    const change = (of: Held, t: number, cpus: number): void => {
      const all = cluster.result().cpus;
      if (of.cpus < NOTHING_PART * all) of.nothingMs = t;
      of.cpus += cpus;
      if (of.cpus < QUARTER * all || of.nothingMs === undefined) return;
      of.tookS.push((t - of.nothingMs) / 1000);
      of.nothingMs = undefined;
    };
    return {
      observe(line) {
        cluster.observe(line);
        if (line.event === 'framework-registered') names.set(frameworkKey(line), line.name);
        else if (line.event === 'task-launched') {
          const of = held.get(names.get(frameworkKey(line)) ?? '');
          const { cpus = 0 } = line.resources;
          if (of === undefined) return;
          tasks.set(taskKey(line), { of, cpus });
          change(of, line.t, cpus);
        } else if (line.event === 'task-updated' && isTerminal(line.state)) {
          const task = tasks.get(taskKey(line));
          if (task === undefined) return;
          tasks.delete(taskKey(line));
          change(task.of, line.t, -task.cpus);
        }
      },
      result() {
        const values = [...held].flatMap(([name, { tookS }]) =>
          tookS.length === 0
            ? []
            : [
                [`from nothing to a quarter, ${name}, mean (s)`, mean(tookS)],
                [`from nothing to a quarter, ${name}, median (s)`, median(tookS)],
              ],
        );
        return { values: Object.fromEntries(values) };
      },
    };
  };
}
