/** `lab node`: what it says, and with which exit code it ends, when it cannot be a machine's daemon. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../../infra/local.ts';
import { deploymentKeys, machineKeys } from '../../../infra/nodeDaemon/keys.ts';

async function labNode(input: string): Promise<readonly [number | null, string]> {
  const child = spawn(LAB, ['node'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const said = text(child.stderr);
  return [await exited, (await said).trim()];
}

test('settings, ports, folders and keys that are no good are told apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-node-'));
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const keys = await machineKeys(await deploymentKeys(), 'node1');
  const settings = {
    name: 'node1',
    ip: '127.0.0.1',
    port: 0,
    folder,
    store: folder,
    lab: LAB,
    idleMs: 1_000,
    keys,
  };
  const [notJson, taken, closed, mixed] = await Promise.all([
    labNode('hello'),
    labNode(JSON.stringify({ ...settings, port })),
    labNode(JSON.stringify({ ...settings, folder: '/dev/null/x' })),
    labNode(JSON.stringify({ ...settings, keys: { ...keys, ca: 'x' } })),
  ]);
  assert.equal(notJson, [1, 'lab: the settings on standard input are wrong: it is not JSON']);
  assert.equal(taken, [5, `lab: port ${port} of 127.0.0.1 is in use: choose another one, or 0 for any`]);
  assert.is(closed[0], 5);
  assert.match(closed[1], /^lab: the folder \/dev\/null\/x cannot be written: /);
  assert.is(mixed[0], 5);
  assert.match(mixed[1], /^lab: the keys of the machine are no good: /);
  // Nobody connects to this one.
  const [idle, log] = await labNode(JSON.stringify(settings));
  assert.is(idle, 0);
  assert.match(log, /ends: nobody was connected for 1 s$/);
  other.close();
  await rm(folder, { recursive: true });
});

test.run();
