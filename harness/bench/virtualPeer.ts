/**
 * The process of the benchmark of virtual time, with the flags of those that run cells. Given is how often to measure; over the IPC channel it
 * tells what it found.
 */
import { Bench } from 'tinybench';
import { sharedCluster, splitCluster } from '../experiments/macroCluster.ts';
import type { System } from '../result.ts';
import { runVirtual } from '../run/virtual.ts';
import { kernelRates } from './virtualKernel.ts';

/** One figure for each repetition. */
export interface VirtualRates {
  /** Events in a second of one core, both systems together. */
  readonly eventsPerSecond: readonly number[];
  readonly macroSeconds: Readonly<Record<System, readonly number[]>>;
  readonly kernelEventsPerSecond: readonly number[];
}

const SEED = 7;
const CLUSTERS = { mesos: sharedCluster(), static: splitCluster() };

/** Simulates the macrobenchmark several times on each system. A run before the counted ones warms up the compiler. */
async function rates(repetitions: number): Promise<VirtualRates> {
  const bench = new Bench({ iterations: repetitions, time: 0, warmupIterations: 1, warmupTime: 0 });
  const macroSeconds: Record<System, number[]> = { mesos: [], static: [] };
  const eventsPerSecond: number[] = [];
  bench.add('both systems', async () => {
    let events = 0;
    let total = 0;
    for (const system of ['mesos', 'static'] as const) {
      const cpu = process.cpuUsage();
      events += (await runVirtual({ scenario: CLUSTERS[system], system, seed: SEED, history: () => {} }))
        .events;
      const { user } = process.cpuUsage(cpu);
      macroSeconds[system].push(user / 1e6);
      total += user / 1e6;
    }
    eventsPerSecond.push(events / total);
  });
  await bench.run();
  const counted = <T>(all: readonly T[]): readonly T[] => all.slice(-repetitions);
  return {
    eventsPerSecond: counted(eventsPerSecond),
    macroSeconds: { mesos: counted(macroSeconds.mesos), static: counted(macroSeconds.static) },
    kernelEventsPerSecond: kernelRates(repetitions),
  };
}

if (import.meta.main) {
  // Who started it may be gone.
  process.on('disconnect', () => process.exit());
  const found = await rates(Number(process.argv[2]));
  process.send?.(found, () => process.disconnect());
}
