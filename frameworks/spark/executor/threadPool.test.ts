import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileClient } from '../../files/fileClient.ts';
import { startFileServer } from '../../files/fileServer.ts';
import { publish } from '../../files/storedFile.ts';
import { refOf } from '../program/functions.ts';
import type { Call, PlanNode, TaskData } from '../taskData.ts';
import { functions } from '../testFunctions.ts';
import { BroadcastStore } from './broadcastStore.ts';
import type { TaskEnd } from './runner.ts';
import { broadcastPath } from './taskContext.ts';
import { ThreadPool } from './threadPool.ts';

interface Setting {
  dir: string;
  pool: ThreadPool;
  /** Waits that have been asked for, to be ended by hand. */
  waits: (() => void)[];
}

const test = suite<Setting>('threads');

test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'spark-test-'));
  context.waits = [];
  const executor = { space: 'f', nodes: {}, cacheBytes: 1e6, memoryPerTaskBytes: 1e6, seed: 0 };
  const client = (): never => {
    throw new Error('There are no other nodes.');
  };
  const site = { hostname: 'h', dir: context.dir, nodes: {}, client };
  context.pool = new ThreadPool({
    ...{ secret: 's', hostname: 'h', dir: context.dir, executor },
    broadcasts: new BroadcastStore(site, 'f'),
    after: (_ms, run) => {
      context.waits.push(run);
      return {
        cancel() {
          const at = context.waits.indexOf(run);
          if (at >= 0) context.waits.splice(at, 1);
        },
      };
    },
  });
});
test.after.each(async ({ dir, pool }) => {
  await pool.close();
  rmSync(dir, { recursive: true });
});

const call = (name: keyof typeof functions): Call => ({ run: refOf(functions[name], 'test'), extra: [] });

/** A task that maps the values 1 and 2; its source, dataset 0, is kept in memory. */
function task(name: keyof typeof functions, partition: number, more: Partial<TaskData> = {}): TaskData {
  const source: PlanNode = { dataset: 0, isCached: true, step: { type: 'source' }, inputs: [] };
  const mapped: PlanNode = {
    dataset: 1,
    isCached: false,
    step: { type: 'map', call: call(name) },
    inputs: [{ type: 'node', node: 0 }],
  };
  return {
    stage: 0,
    partition,
    plan: [source, mapped],
    output: { type: 'result', action: { type: 'collect' } },
    sources: [{ node: 0, input: { type: 'values', bytes: serialize([1, 2]) }, hosts: [] }],
    shuffles: [],
    broadcasts: [],
    ...more,
  };
}

const run = (pool: ThreadPool, name: string, data: TaskData): Promise<TaskEnd> =>
  new Promise((resolve) => pool.run(name, data, resolve));

const answer = (end: TaskEnd): unknown =>
  end.outcome === 'finished' && end.report.result.type === 'inline'
    ? deserialize(end.report.result.bytes)
    : end;

test('a task goes to the thread that has its partition in memory, though another is idle', async ({
  pool,
}) => {
  const first = await Promise.all([0, 1].map((n) => run(pool, `a${n}`, task('double', n))));
  assert.equal(first.map(answer), [
    [2, 4],
    [2, 4],
  ]);
  for (const end of first) assert.is(end.outcome === 'finished' && end.report.cache.added.length, 1);
  for (const partition of [1, 0, 1]) {
    const end = await run(pool, `b${partition}`, task('double', partition));
    assert.is(end.outcome === 'finished' && end.report.locality, 'memory');
  }
  pool.unpersist(0);
  const anew = await run(pool, 'c', task('double', 0));
  assert.is(anew.outcome === 'finished' && anew.report.cache.added.length, 1);
});

test('a task that does not end when it is told to is ended with its thread, and what waits for that goes elsewhere', async ({
  pool,
  waits,
}) => {
  await run(pool, 'first', task('double', 0));
  const spinning = run(pool, 'spinning', task('spin', 0));
  const behind = run(pool, 'behind', task('double', 0));
  const killed = run(pool, 'killed', task('double', 0));
  pool.kill('killed');
  assert.equal(await killed, { outcome: 'killed' });
  pool.kill('nobody');
  pool.kill('spinning');
  pool.kill('spinning');
  assert.is(waits.length, 1);
  waits[0]?.();
  assert.equal(await spinning, { outcome: 'killed' });
  assert.equal(answer(await behind), [2, 4]);
});

test('a thread that gets no other task gives back what it does not need, once, and goes on with what it has', async ({
  pool,
  waits,
}) => {
  await run(pool, 'a', task('double', 0));
  assert.is(waits.length, 1);
  const next = run(pool, 'b', task('double', 0));
  assert.is(waits.length, 0);
  await next;
  waits.pop()?.();
  const end = await run(pool, 'c', task('double', 0));
  assert.is(end.outcome === 'finished' && end.report.locality, 'memory');
});

test('a function that throws fails its task, and the thread goes on with what it has', async ({ pool }) => {
  const sources = [{ node: 0, input: { type: 'values' as const, bytes: serialize([3]) }, hosts: [] }];
  const end = await run(pool, 'bad', task('fail', 5, { sources }));
  assert.match(end.outcome === 'failed' ? end.message : '', /^three is too many \(at /);
  assert.equal(answer(await run(pool, 'good', task('double', 5, { sources }))), [6]);
});

test('a function that ends its thread fails its task, and others go on', async ({ pool }) => {
  const ended = run(pool, 'exit', task('exit', 0));
  const behind = run(pool, 'behind', task('double', 0));
  const end = await ended;
  assert.match(end.outcome === 'failed' ? end.message : '', /ended its thread/);
  assert.equal(answer(await behind), [2, 4]);
});

test('a broadcast that the executor does not have is told, not waited for', async ({ pool }) => {
  const end = await run(pool, 'a', task('double', 0, { broadcasts: [{ id: 7, from: { type: 'known' } }] }));
  assert.equal(end.outcome === 'failed' && end.failure.unknownBroadcasts, [7]);
});

test('a broadcast that was damaged on the disk of the node is had from another, or not at all', async ({
  dir,
}) => {
  const other = mkdtempSync(join(tmpdir(), 'spark-test-'));
  const server = await startFileServer({ dir: other, secret: 's' });
  const client = new FileClient('s');
  const path = broadcastPath('f', 7);
  const bytes = Buffer.from('value');
  await client.put(`${server.url}/${path}`, { from: 'memory', bytes, crc32: crc32(bytes) });
  const damaged = join(dir, 'damaged');
  writeFileSync(damaged, 'valuE');
  await publish(dir, damaged, path, { type: 'crc32', crc32: crc32(bytes) });
  const nodes = { h: { url: '', dir }, other: { url: server.url, dir: other } };
  const store = new BroadcastStore({ hostname: 'h', dir, nodes, client: async () => client }, 'f');
  const from = (...hosts: string[]) => [{ id: 7, from: { type: 'file' as const, hosts, bytes: 5 } }];
  await store.bytesOf(from('h')).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /^Broadcast 7 cannot be fetched: .*damaged/),
  );
  const { found } = await store.bytesOf(from('h', 'other'));
  assert.is(Buffer.from(found.get(7) as SharedArrayBuffer).toString(), 'value');
  client.close();
  await server.close();
  rmSync(other, { recursive: true });
});

test.run();
