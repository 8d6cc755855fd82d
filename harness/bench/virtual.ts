/**
 * How fast virtual time runs: the 96-node macrobenchmark on both systems, in which the work of master, slaves and frameworks is most of
 * an event; and the same queue and delivery with actors that do next to nothing.
 */
import { Bench } from 'tinybench';
import { sharedCluster, splitCluster } from '../experiments/macroCluster.ts';
import type { System } from '../result.ts';
import { runVirtual } from '../run/virtual.ts';
import type { BenchPlan } from './benchPlan.ts';
import { type Measurement, measurement } from './measurement.ts';
import { kernelRates } from './virtualKernel.ts';

const REPETITIONS = 5;
const SEED = 7;
const CLUSTERS = { mesos: sharedCluster(), static: splitCluster() };

/** Simulates it several times on each system. A run before the counted ones warms up the compiler. */
export async function benchVirtual({
  repetitions = REPETITIONS,
}: BenchPlan): Promise<readonly Measurement[]> {
  const bench = new Bench({ iterations: repetitions, time: 0, warmupIterations: 1, warmupTime: 0 });
  const seconds: Record<System, number[]> = { mesos: [], static: [] };
  const rates: number[] = [];
  bench.add('both systems', async () => {
    let events = 0;
    let total = 0;
    for (const system of ['mesos', 'static'] as const) {
      const cpu = process.cpuUsage();
      events += (await runVirtual({ scenario: CLUSTERS[system], system, seed: SEED, history: () => {} }))
        .events;
      const { user } = process.cpuUsage(cpu);
      seconds[system].push(user / 1e6);
      total += user / 1e6;
    }
    rates.push(events / total);
  });
  await bench.run();
  const counted = <T>(all: readonly T[]): readonly T[] => all.slice(-repetitions);
  return [
    measurement('virtual/events-per-second', '1/s of one core', 'higher', counted(rates)),
    measurement('virtual/macro-mesos-seconds', 's of one core', 'lower', counted(seconds.mesos)),
    measurement('virtual/macro-static-seconds', 's of one core', 'lower', counted(seconds.static)),
    measurement('virtual/kernel-events-per-second', '1/s of one core', 'higher', kernelRates(repetitions)),
  ];
}
