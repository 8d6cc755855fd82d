/** Limits of the rates of machines, for real: what the kernel counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type NetnsMachine, netnsMachines } from './netns/machines.ts';
import { limitRates } from './rates.ts';

const NODE = join(import.meta.dirname, '../harness/node');
const BYTES = 300_000;
const SERVER = `require('net').createServer((socket) => socket.end(Buffer.alloc(${BYTES}))).listen(Number(process.argv[1]), () => console.log('listening'))`;

async function serve(machine: NetnsMachine, port: string): Promise<void> {
  const server = await machine.start({
    name: `server-${port}`,
    program: NODE,
    arguments: ['-e', SERVER, port],
  });
  await server.waitForLine(/^listening$/);
}

const fetchFrom = (from: NetnsMachine, ip: string, port: string): Promise<string> =>
  from.run('bash', '-c', `wc -c </dev/tcp/${ip}/${port}`);

/** Bytes that went through, and how often they had to wait. */
function counted(text: string): { readonly bytes: number; readonly waits: number } {
  return {
    bytes: Number(/Sent (\d+) bytes/.exec(text)?.[1]),
    waits: Number(/overlimits (\d+)/.exec(text)?.[1]),
  };
}

test('what a machine sends to others waits for its network, and what its disk’s server sends to itself for its disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rates-test-'));
  try {
    await using machines = await netnsMachines(join(folder, 'machines'), ['one', 'two']);
    const [one, two] = machines.machines as readonly [NetnsMachine, NetnsMachine];
    await limitRates(one, { networkBitsPerSecond: 20e6, disk: { port: 5000, bitsPerSecond: 40e6 } });
    await Promise.all([serve(one, '5000'), serve(one, '5001')]);

    assert.is(await fetchFrom(one, one.ip, '5001'), `${BYTES}\n`);
    assert.is(counted(await one.run('tc', '-s', 'class', 'show', 'dev', 'lo')).bytes, 0);
    assert.is(await fetchFrom(one, one.ip, '5000'), `${BYTES}\n`);
    const disk = counted(await one.run('tc', '-s', 'class', 'show', 'dev', 'lo'));
    assert.ok(disk.bytes >= BYTES && disk.waits > 0, JSON.stringify(disk));

    assert.is(await fetchFrom(two, one.ip, '5000'), `${BYTES}\n`);
    const network = counted(await one.run('tc', '-s', 'qdisc', 'show', 'dev', 'eth0'));
    assert.ok(network.bytes >= BYTES && network.waits > 0, JSON.stringify(network));
    assert.is(counted(await one.run('tc', '-s', 'class', 'show', 'dev', 'lo')).bytes, disk.bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
