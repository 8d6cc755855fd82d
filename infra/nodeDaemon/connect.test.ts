/** A machine by its daemon: everything that a machine can do, through real processes. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestMachine, type TestPlace, testMachine, testPlace } from './testPlace.ts';

let place: TestPlace;
let machine: TestMachine;
// Not as the file is read: the tests of other files keep this process so busy that the session would be lost.
test.before(async () => {
  place = await testPlace();
  machine = await testMachine(place);
});
test.after(async () => {
  await machine[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('a machine with a daemon starts, follows and ends processes', async () => {
  const script = 'echo ready; read line; echo "got nothing more"; exit 3';
  const process = await machine.start({ name: 'first', program: 'sh', arguments: ['-c', script] });
  assert.is((await process.waitForLine(/^ready$/))[0], 'ready');
  const [known] = await machine.processes();
  assert.is(known?.pid, process.pid);
  assert.is(known?.exit, null);
  process.signal('SIGTERM');
  assert.equal(await process.exited, { code: null, signal: 'SIGTERM' });
  assert.is(String(await machine.read('first.log')), 'ready\n');
  assert.is((await machine.processes())[0]?.exit?.signal, 'SIGTERM');
});

test('what cannot be done is said in one sentence that names the machine', async () => {
  const complaint = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  assert.match(
    await complaint(machine.start({ name: 'x', program: 'no-such-program', arguments: [] })),
    /^machine node1: no-such-program cannot be started/,
  );
  assert.match(
    await complaint(machine.run('sh', '-c', 'echo bad >&2; exit 4')),
    /^machine node1: sh ended \(exit code 4\): bad$/,
  );
  assert.match(await complaint(machine.read('missing')), /^machine node1: .*ENOENT/);
  assert.match(await complaint(machine.write('../outside', 'x')), /is outside .*: nothing is written there$/);
  await machine.run('ln', '-s', dirname(place.folder), 'link');
  assert.match(await complaint(machine.write('link/outside', 'x')), /is outside/);
});

test('files of any size come and go whole; what is shipped once is not sent again', async () => {
  const root = dirname(place.folder);
  const large = Buffer.alloc(3 * 1024 * 1024 + 7, 'large');
  await machine.write('a/b/large', large);
  await machine.write('a/empty', '');
  assert.equal(await machine.list('a'), ['b/large', 'empty']);
  assert.equal(await machine.list('nowhere'), []);
  await machine.fetch('a/b/large', join(root, 'fetched'));
  assert.ok(large.equals(await readFile(join(root, 'fetched'))));
  assert.is((await machine.read('a/empty')).length, 0);

  const from = join(root, 'program');
  await writeFile(from, '#!/bin/sh\necho shipped', { mode: 0o755 });
  assert.equal(await machine.ship([{ from, to: 'bin/one' }]), { files: 1, sent: 1, sentBytes: 22 });
  assert.equal(await machine.ship([{ from, to: 'bin/two' }]), { files: 1, sent: 0, sentBytes: 0 });
  assert.is(await machine.run('bin/two'), 'shipped\n');
  const [sum] = (await machine.run('sha256sum', 'a/b/large')).split(' ');
  assert.is(sum, createHash('sha256').update(large).digest('hex'));
});

test('a clock that we share is ours, within the error that is told', async () => {
  const { offsetMs, errorMs } = await machine.clockOffset();
  assert.ok(Math.abs(offsetMs) <= errorMs + 1, `${offsetMs} ± ${errorMs}`);
});

test('usage counts what each process group has used, with all that it started', async () => {
  const busy = 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; echo done; cat';
  const process = await machine.start({ name: 'busy', program: 'sh', arguments: ['-c', `(${busy}) & cat`] });
  await process.waitForLine(/^done$/);
  for await (const { machine: whole, groups } of machine.usage(50)) {
    assert.ok(whole.memoryUsedBytes > 0 && whole.memoryUsedBytes < whole.memoryTotalBytes);
    assert.is(groups.length, 1);
    assert.is(groups[0]?.name, 'busy');
    assert.ok((groups[0]?.cpuMs ?? 0) > 0 && (groups[0]?.rssBytes ?? 0) > 0);
    break;
  }
});

test.run();
