/** The largest part of the cluster that each framework held at any time. */
import type { MakeMeasure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { foldOf } from './fold.ts';
import { holdings } from './holdings.ts';
import { newPass } from './pass.ts';

/** In per cent of all CPUs, by the framework's name. */
export function largestShares(): MakeMeasure {
  return (pass = newPass()) => {
    const cluster = pass.shared(clusterSize);
    const held = pass.shared(holdings);
    return foldOf({
      parts: [cluster, held],
      result() {
        const { cpus: all } = cluster.result();
        const values = [...held.result().frameworks].map(([name, { cpus }]) => [
          `largest share of ${name} (%)`,
          (100 * cpus.largest) / all,
        ]);
        return { values: Object.fromEntries(values) };
      },
    });
  };
}
