/**
 * The process of the benchmark of virtual time, with the flags of those that run cells. Given is how often to measure; over the IPC channel it
 * tells what it found.
 */
import { Bench } from 'tinybench';
import { sharedCluster, splitCluster } from '../experiments/macroCluster.ts';
import { revocation } from '../experiments/revocation.ts';
import type { VirtualScenario } from '../experiments/virtualScenario.ts';
import type { System } from '../result.ts';
import { runVirtual } from '../run/virtual.ts';
import { kernelRates } from './virtualKernel.ts';

/** One figure for each repetition. */
export interface VirtualRates {
  /** Events in a second of one core, both systems together. */
  readonly eventsPerSecond: readonly number[];
  readonly macroSeconds: Readonly<Record<System, readonly number[]>>;
  /** Events in a second of one core, with frameworks that have nothing to read, place or decode. */
  readonly plainEventsPerSecond: readonly number[];
  readonly kernelEventsPerSecond: readonly number[];
}

const SEED = 7;
const CLUSTERS = { mesos: sharedCluster(), static: splitCluster() };
const PLAIN = revocation.scenarios.flatMap((scenario) => (scenario.kind === 'virtual' ? [scenario] : []));

/**
 * Simulates the macrobenchmark several times on each system, and the plain scenarios. A run before the counted ones warms up the compiler.
 */
async function rates(repetitions: number): Promise<VirtualRates> {
  const bench = new Bench({ iterations: repetitions, time: 0, warmupIterations: 1, warmupTime: 0 });
  const macroSeconds: Record<System, number[]> = { mesos: [], static: [] };
  const eventsPerSecond: number[] = [];
  const plainEventsPerSecond: number[] = [];
  bench.add('both systems', async () => {
    const mesos = await simulated(CLUSTERS.mesos, 'mesos');
    const split = await simulated(CLUSTERS.static, 'static');
    macroSeconds.mesos.push(mesos.seconds);
    macroSeconds.static.push(split.seconds);
    eventsPerSecond.push((mesos.events + split.events) / (mesos.seconds + split.seconds));
  });
  bench.add('plain', async () => {
    let [events, seconds] = [0, 0];
    for (const { cluster, system } of PLAIN) {
      const one = await simulated(cluster, system);
      events += one.events;
      seconds += one.seconds;
    }
    plainEventsPerSecond.push(events / seconds);
  });
  await bench.run();
  const counted = <T>(all: readonly T[]): readonly T[] => all.slice(-repetitions);
  return {
    eventsPerSecond: counted(eventsPerSecond),
    macroSeconds: { mesos: counted(macroSeconds.mesos), static: counted(macroSeconds.static) },
    plainEventsPerSecond: counted(plainEventsPerSecond),
    kernelEventsPerSecond: kernelRates(repetitions),
  };
}

/** Events of a run, and the seconds of a processor that it takes. */
async function simulated(
  scenario: VirtualScenario,
  system: System,
): Promise<{ readonly events: number; readonly seconds: number }> {
  const cpu = process.cpuUsage();
  const { events } = await runVirtual({ scenario, system, seed: SEED, history: () => {} });
  return { events, seconds: process.cpuUsage(cpu).user / 1e6 };
}

if (import.meta.main) {
  // Who started it may be gone.
  process.on('disconnect', () => process.exit());
  const found = await rates(Number(process.argv[2]));
  process.send?.(found, () => process.disconnect());
}
