/** Machines of which nothing but ssh is reached: a firewall drops, or refuses, all else that comes from outside. As root. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachinesAsked } from '../deployments/asked.ts';
import { placesOf, provision, removeMachines } from '../deployments/provision.ts';
import { LAB } from '../local.ts';
import type { Place } from '../place.ts';
import { connect } from './connect.ts';
import { type DeploymentKeys, deploymentKeys } from './keys.ts';
import type { DaemonRecord } from './record.ts';
import { startDaemon } from './start.ts';
import { firewall } from './testFirewall.ts';

const test = suite<{ folder: string; place: Place; keys: DeploymentKeys; record: DaemonRecord }>(
  'machines of which nothing but ssh is reached',
);
const ASKED: MachinesAsked = { kind: 'netns', names: ['node1'], over: 'ssh' };

test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'relay-test-'));
  await provision(ASKED, context.folder);
  const [place] = await placesOf(ASKED, context.folder);
  assert.ok(place);
  const keys = await deploymentKeys();
  firewall(place, 'reject with tcp reset');
  Object.assign(context, { place, keys, record: await startDaemon(place, { keys, lab: LAB }) });
});
test.after(async ({ folder }) => {
  await removeMachines(ASKED, folder);
  rmSync(folder, { recursive: true });
});

test('their daemons are not reached without the shell', async ({ record, keys }) => {
  const why = await connect(record, keys).then(
    () => 'reached',
    (error: Error) => error.message,
  );
  assert.match(why, /^machine node1: no daemon listens on /);
});

for (const verdict of ['reject with tcp reset', 'drop'] as const)
  test(`all that a daemon does goes through the shell where the firewall's word is ${verdict}`, async ({
    place,
    record,
    keys,
  }) => {
    firewall(place, verdict);
    await using machine = await connect(record, keys, place);
    assert.is(await machine.run('hostname'), 'node1\n');
    const content = Buffer.alloc(3_000_000, 'mesos');
    await machine.write('much', content);
    assert.ok(content.equals(await machine.read('much')));
    const process = await machine.start({
      name: 'hello',
      program: 'sh',
      arguments: ['-c', 'echo hello; read _'],
    });
    await process.waitForLine(/^hello$/);
    await process.stop();
  });

test('a daemon that has ended is told of as such', async ({ place, record, keys }) => {
  const machine = await connect(record, keys, place);
  await machine.shutdown();
  const why = await connect(record, keys, place).then(
    () => 'reached',
    (error: Error) => error.message,
  );
  assert.match(why, /^machine node1: no daemon listens on .*; has it ended\?$/);
});

test.run();
