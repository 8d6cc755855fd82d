/**
 * What virtual time itself costs: actors of a line each that pass messages on, half of them at once and half after a while, through
 * the same queue, network and delivery as a cluster's. What a simulation takes beyond that is the work of the system that it simulates.
 */
import type { ActorKind, Address } from '../../mesos/runtime/actor.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';

const ACTORS = 100;
/** As many are under way as a cluster of 96 nodes has events before it. */
const MESSAGES = 2_000;
const EVENTS = 1_000_000;
const WAIT_MS = 1_000;

/** Events that a core gets through in a second, one figure for each repetition; one before them warms up the compiler. */
export function kernelRates(repetitions: number): readonly number[] {
  return Array.from({ length: repetitions + 1 }, (_, seed) => {
    const cluster = passingOn(seed);
    const cpu = process.cpuUsage();
    cluster.run(() => cluster.events >= EVENTS, Number.POSITIVE_INFINITY);
    const { user } = process.cpuUsage(cpu);
    if (cluster.events < EVENTS) throw new Error(`nothing was left to happen after ${cluster.events} events`);
    return cluster.events / (user / 1e6);
  }).slice(1);
}

function passingOn(seed: number): VirtualCluster {
  const cluster = new VirtualCluster({ seed });
  const addressOf = (n: number): Address => `actor@node${n % ACTORS}:1`;
  for (let n = 0; n < ACTORS; n++) cluster.process(`node${n}:1`).spawn('actor', passer(addressOf(n + 1), n));
  return cluster;
}

/** Passes each message on to the next actor: one at once, the next one after a while, and so on. */
function passer(next: Address, number: number): ActorKind {
  return {
    inbox: {},
    create({ send, after, random }) {
      const pass = (): void => send(next, { type: 'PING' });
      for (let n = number; n < MESSAGES; n += ACTORS) after(random.uniform() * WAIT_MS, pass);
      let received = 0;
      return {
        receive() {
          if (received++ % 2 === 0) pass();
          else after(random.uniform() * WAIT_MS, pass);
        },
      };
    },
  };
}
