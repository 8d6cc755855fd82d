/** What a slave costs before it does anything: time until it is registered, and memory. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB, localMachines } from '../../infra/local.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { listening } from '../run/deployment.ts';
import { type Measurement, measurement } from './measurement.ts';

const REPETITIONS = 9;
/** Starts that are not counted: they fill the compile cache. */
const WARM_UPS = 2;

/** Starts slaves one after the other against a real master. */
export async function benchStartUp(): Promise<readonly Measurement[]> {
  const folder = await makeOwnFolder('bench');
  await using machines = await localMachines(folder, ['bench']);
  const [machine] = machines.machines;
  if (machine === undefined) throw new Error('there is no machine');
  const master = await machine.start({
    name: 'master',
    program: LAB,
    arguments: ['master', '--port', '0', '--quiet'],
  });
  const address = await listening(master);
  const registeredMs: number[] = [];
  const residentMiB: number[] = [];
  const proportionalMiB: number[] = [];
  for (let n = 0; n < WARM_UPS + REPETITIONS; n++) {
    const start = performance.now();
    const slave = await machine.start({
      name: `slave${n}`,
      program: LAB,
      arguments: [
        ...['slave', '--master', address, '--port', '0', '--resources', 'cpus:1;mem:64', '--quiet'],
        ...['--work_dir', join(folder, `work${n}`)],
      ],
    });
    await slave.waitForLine(/^registered as /);
    const ms = performance.now() - start;
    if (n >= WARM_UPS) {
      registeredMs.push(ms);
      residentMiB.push(await memoryMiB(slave.pid, 'status', 'VmRSS'));
      proportionalMiB.push(await memoryMiB(slave.pid, 'smaps_rollup', 'Pss'));
    }
    await slave.stop();
  }
  await rm(folder, { recursive: true, force: true });
  return [
    measurement('start-up/slave-registered-ms', 'ms', 'lower', registeredMs),
    measurement('start-up/slave-resident-mib', 'MiB', 'lower', residentMiB),
    measurement('start-up/slave-proportional-mib', 'MiB', 'lower', proportionalMiB),
  ];
}

/** A figure of /proc, in MiB. */
async function memoryMiB(pid: number, file: string, name: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8');
  const [, kib] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text) ?? [];
  if (kib === undefined) throw new Error(`/proc/${pid}/${file} has no ${name}`);
  return Number(kib) / 1024;
}
