/** The largest part of the cluster that each framework held at any time. */
import type { Measure } from '../experiments/experiment.ts';
import { clusterSize } from './cluster.ts';
import { holdings } from './holdings.ts';

/** In per cent of all CPUs, by the framework's name. */
export function largestShares(): () => Measure {
  return () => {
    const cluster = clusterSize();
    const held = holdings();
    return {
      observe(line) {
        cluster.observe(line);
        held.observe(line);
      },
      result() {
        const { cpus: all } = cluster.result();
        const values = [...held.result().frameworks].map(([name, { cpus }]) => [
          `largest share of ${name} (%)`,
          (100 * cpus.largest) / all,
        ]);
        return { values: Object.fromEntries(values) };
      },
    };
  };
}
