/**
 * A program for a machine that reaches ZooKeeper servers which this process does not: asks them until one leads, or so long, and
 * writes what each is, as JSON.
 *
 *     node askZookeeper.ts WAIT_MS HOST:PORT...
 */
import { setTimeout as after } from 'node:timers/promises';
import { leads, modeOf } from './zookeeperMode.ts';

const PAUSE_MS = 10;

const [waitMs, ...addresses] = process.argv.slice(2);
const limitMs = performance.now() + Number(waitMs);
let modes = await Promise.all(addresses.map(modeOf));
while (!modes.some(leads) && performance.now() < limitMs) {
  await after(PAUSE_MS);
  modes = await Promise.all(addresses.map(modeOf));
}
console.log(JSON.stringify(modes.map((mode) => mode ?? null)));
