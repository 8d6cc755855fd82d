import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type EditLog, openEditLog, replay } from './editLog.ts';
import type { Edit } from './edits.ts';
import type { Namespace } from './namespace.ts';
import { editsArbitrary } from './testEdits.ts';

const test = suite<{ dir: string }>('edit log');
test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'mesos-lab-edits-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const onError = (error: Error): never => {
  throw error;
};
const file = (dir: string): string => join(dir, 'edits.log');

/** Makes the edits that can be made, and keeps them. Returns what the namespace was after each. */
function make(log: EditLog, edits: readonly Edit[]): string[] {
  const states = [shape(log.namespace)];
  for (const edit of edits) {
    try {
      log.namespace.apply(edit);
    } catch {
      continue;
    }
    log.append(edit);
    states.push(shape(log.namespace));
  }
  return states;
}

const shape = (namespace: Namespace): string => JSON.stringify([...namespace.edits()]);

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );
}

test('the next finds what was kept, and a file that was cut anywhere adds up to one of its pasts', async ({
  dir,
}) => {
  await fc.assert(
    fc.asyncProperty(editsArbitrary, async (edits) => {
      rmSync(file(dir), { force: true });
      const log = await openEditLog({ dir, onError });
      const states = make(log, edits);
      await log.close();
      const content = readFileSync(file(dir));
      const header = content.indexOf('\n') + 1;
      let at = 0;
      for (let cut = header; cut <= content.length; cut += 1) {
        if (content[cut - 1] === 10 && cut > header) at += 1;
        const kept = replay(content.subarray(0, cut), 'it');
        assert.is(shape(kept.namespace), states[at]);
        assert.is(kept.store, log.store);
      }
      for (const cut of [0, 1, header - 1])
        assert.throws(() => replay(content.subarray(0, cut), 'it'), /first line is damaged/);
    }),
    { numRuns: 30 },
  );
});

test('a log that ends in the middle of a line goes on after the last whole one', async ({ dir }) => {
  const create = (writer: string): Edit => ({
    ...{ edit: 'create', writer, path: '/a', blockBytes: 1, replication: 1, overwrite: false },
  });
  const first = await openEditLog({ dir, onError });
  make(first, [create('w1')]);
  await first.close();
  appendFileSync(file(dir), '00000000 {"edit":"aba');
  const second = await openEditLog({ dir, onError });
  assert.equal([...second.namespace.writing.keys()], ['w1']);
  make(second, [create('w2')]);
  await second.close();
  const third = await openEditLog({ dir, onError });
  assert.equal([...third.namespace.writing.keys()], ['w1', 'w2']);
  assert.is(third.store, first.store);
  await third.close();
});

test('a line that was damaged in the middle of the file is told, and the file left as it is', async ({
  dir,
}) => {
  const log = await openEditLog({ dir, onError });
  for (let epoch = 1; epoch <= 3; epoch += 1) make(log, [{ edit: 'start', epoch }]);
  await log.close();
  const damaged = readFileSync(file(dir), 'latin1').replace('"epoch":2', '"epoch":7');
  writeFileSync(file(dir), damaged);
  assert.match(
    await failure(openEditLog({ dir, onError })),
    /line 3 is damaged, and others follow it; restore/,
  );
  assert.is(readFileSync(file(dir), 'latin1'), damaged);
  writeFileSync(file(dir), 'something else\n');
  assert.match(await failure(openEditLog({ dir, onError })), /its first line is damaged/);
});

test('the file is written anew when it has grown, and nothing is lost or left behind', async ({ dir }) => {
  const log = await openEditLog({ dir, onError, compactBytesMin: 2_000 });
  let largest = 0;
  for (let n = 0; n < 500; n += 1) {
    const writer = `w${n}`;
    const create = {
      edit: 'create',
      writer,
      path: `/${n % 3}`,
      blockBytes: 1,
      replication: 1,
      overwrite: true,
    };
    make(log, [create as Edit, { edit: 'complete', writer, modifiedMs: n }]);
    if (n % 7 === 0) await log.synced();
    else void log.synced();
    largest = Math.max(largest, readFileSync(file(dir)).length);
  }
  const expected = shape(log.namespace);
  await log.close();
  assert.ok(largest < 6_000, `${largest}`);
  assert.equal(readdirSync(dir), ['edits.log']);
  const again = await openEditLog({ dir, onError });
  assert.is(shape(again.namespace), expected);
  await again.close();
});

test('a folder has one keeper at a time', async ({ dir }) => {
  const log = await openEditLog({ dir, onError });
  assert.match(await failure(openEditLog({ dir, onError })), /another namenode keeps its files in/);
  await log.close();
  await (await openEditLog({ dir, onError })).close();
});

test('who waits for what cannot be written is not told that it was', async ({ dir }) => {
  const told = Promise.withResolvers<Error>();
  const log = await openEditLog({ dir, onError: told.resolve, compactBytesMin: 1 });
  rmSync(dir, { recursive: true });
  make(log, [{ edit: 'start', epoch: 1 }]);
  let isSynced = false;
  void log.synced().then(() => {
    isSynced = true;
  });
  assert.match((await told.promise).message, /cannot be kept in .*ENOENT.*; free some space/);
  assert.not(isSynced);
  await log.close();
  (await import('node:fs')).mkdirSync(dir);
});

test.run();
