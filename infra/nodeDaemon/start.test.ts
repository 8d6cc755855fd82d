/** Daemons on machines that have nothing: what is sent, how often, and what is said when it cannot be. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../local.ts';
import { connect } from './connect.ts';
import { deploymentKeys } from './keys.ts';
import { startDaemon } from './start.ts';
import { testPlace } from './testPlace.ts';

test('Node and our code are sent once to machines that share a store, and work there', async () => {
  await using place = await testPlace();
  const keys = await deploymentKeys();
  // No Node on the way: what runs there is what was sent.
  const shell = ['env', '-i', 'PATH=/usr/bin:/bin', 'sh', '-c'] as const;
  const places = ['node1', 'node2', 'node3'].map((name) => ({
    ...place,
    name,
    shell,
    folder: `${place.folder}-${name}`,
  }));
  const records = await Promise.all(places.map((each) => startDaemon(each, { keys, idleMs: 60_000 })));
  const machines = await Promise.all(records.map((record) => connect(record, keys)));
  try {
    assert.is((await readdir(join(place.store, 'code'))).length, 1);
    assert.equal((await readdir(place.store)).sort(), ['code', 'id', 'node']);
    const [first] = machines;
    assert.ok(first?.lab.startsWith(place.store));
    assert.match((await first?.run(first.lab, 'node', '--help')) ?? '', /Usage: lab node/);
    const again = await startDaemon(
      { ...(places[0] ?? place), name: 'again', folder: `${place.folder}-again` },
      { keys },
    );
    await (await connect(again, keys)).shutdown();
  } finally {
    await Promise.all(machines.map((machine) => machine.shutdown()));
  }
});

test('a greeting of the shell does not get in the way of a daemon', async () => {
  await using place = await testPlace();
  const keys = await deploymentKeys();
  const shell = ['sh', '-c', 'echo "Welcome to node1"; printf "You have mail. "; exec sh -c "$0"'] as const;
  const record = await startDaemon({ ...place, shell }, { keys, lab: LAB });
  await (await connect(record, keys)).shutdown();
});

test('why a daemon cannot start is said in one sentence that names the machine', async () => {
  await using place = await testPlace();
  const keys = await deploymentKeys();
  const complaint = (wrong: object, options: object = {}): Promise<string> =>
    startDaemon({ ...place, ...wrong }, { keys, lab: LAB, ...options }).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  assert.match(
    await complaint({ ip: '192.0.2.1' }),
    /^machine node1: 192\.0\.2\.1 is not an address of this machine$/,
  );
  assert.match(
    await complaint({ shell: ['no-such-shell'] }),
    /^machine node1: no-such-shell cannot be started/,
  );
  assert.match(await complaint({ folder: '/proc/nowhere' }), /^machine node1: .*\/proc\/nowhere/);
  assert.match(await complaint({ shell: ['false'] }), /^machine node1: its shell ended \(exit code 1\)$/);
  assert.match(await complaint({}, { lab: '/no/such/lab' }), /^machine node1: .*no\/such\/lab/);
});

test.run();
