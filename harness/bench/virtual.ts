/**
 * How fast virtual time runs: the 96-node macrobenchmark on both systems, in which the work of master, slaves and frameworks is most of
 * an event; the same system with frameworks that do little; and the same queue and delivery with actors that do next to nothing.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { YOUNG_OBJECTS } from '../run/youngObjects.ts';
import type { BenchPlan } from './benchPlan.ts';
import { type Measurement, measurement } from './measurement.ts';
import type { VirtualRates } from './virtualPeer.ts';

const REPETITIONS = 5;

/** Measures in a process like those that run cells. Rejects if that ends without an answer. */
export async function benchVirtual({
  repetitions = REPETITIONS,
}: BenchPlan): Promise<readonly Measurement[]> {
  const peer = fork(join(import.meta.dirname, 'virtualPeer.ts'), [String(repetitions)], {
    execArgv: [...YOUNG_OBJECTS],
  });
  const failed = once(peer, 'exit').then(([code]) => {
    throw new Error(`the process that simulates ended without an answer, exit code ${code}`);
  });
  const [rates] = (await Promise.race([once(peer, 'message'), failed])) as [VirtualRates];
  const { eventsPerSecond, macroSeconds, plainEventsPerSecond, kernelEventsPerSecond } = rates;
  return [
    measurement('virtual/events-per-second', '1/s of one core', 'higher', eventsPerSecond),
    measurement('virtual/macro-mesos-seconds', 's of one core', 'lower', macroSeconds.mesos),
    measurement('virtual/macro-static-seconds', 's of one core', 'lower', macroSeconds.static),
    measurement('virtual/plain-events-per-second', '1/s of one core', 'higher', plainEventsPerSecond),
    measurement('virtual/kernel-events-per-second', '1/s of one core', 'higher', kernelEventsPerSecond),
  ];
}
