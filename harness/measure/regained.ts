/** How soon a framework that held nothing holds a quarter of the cluster: when it wants it, and others have it. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { MakeMeasure } from '../experiments/experiment.ts';
import { mean } from '../statistics/mean.ts';
import { median } from '../statistics/quantile.ts';
import { clusterSize } from './cluster.ts';
import { foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import { newPass } from './pass.ts';

/** Less than this part of the cluster is nothing. */
const NOTHING_PART = 0.01;
const QUARTER = 0.25;

interface Held {
  cpus: number;
  /** When it last had next to nothing; undefined as long as it has more, once it had a quarter. */
  nothingMs: number | undefined;
  readonly tookS: number[];
}

/** Mean and median of the times from the last moment with less than 1% of the CPUs to the first with 25%. */
export function regained(frameworks: readonly string[]): MakeMeasure {
  return (pass = newPass()) => {
    const cluster = pass.shared(clusterSize);
    const names = pass.shared(frameworkNames);
    const nameOf = names.result();
    const held = new Map<string, Held>(
      frameworks.map((name) => [name, { cpus: 0, nothingMs: undefined, tookS: [] }]),
    );
    const tasks = new Map<number, { readonly of: Held; readonly cpus: number }>();
    const change = (of: Held, t: number, cpus: number): void => {
      const all = cluster.result().cpus;
      if (of.cpus < NOTHING_PART * all) of.nothingMs = t;
      of.cpus += cpus;
      if (of.cpus < QUARTER * all || of.nothingMs === undefined) return;
      of.tookS.push((t - of.nothingMs) / 1000);
      of.nothingMs = undefined;
    };
    return foldOf({
      parts: [cluster, names],
      on: {
        'task-launched': (line) => {
          const of = held.get(nameOf(line) ?? '');
          const { cpus = 0 } = line.resources;
          if (of === undefined) return;
          tasks.set(pass.task(line), { of, cpus });
          change(of, line.t, cpus);
        },
        'task-updated': (line) => {
          if (!isTerminal(line.state)) return;
          const number = pass.task(line);
          const task = tasks.get(number);
          if (task === undefined) return;
          tasks.delete(number);
          change(task.of, line.t, -task.cpus);
        },
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
    });
  };
}
