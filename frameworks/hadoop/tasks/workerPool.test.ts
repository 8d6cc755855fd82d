import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WorkerPool } from './workerPool.ts';

interface Setting {
  dir: string;
  pool: WorkerPool;
  /** Waits that have been asked for and not been cancelled, to be ended by hand. */
  waits: Set<() => void>;
}

const test = suite<Setting>('threads for tasks');

test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'hadoop-test-'));
  context.waits = new Set();
  const tracker = { space: 'f', seed: 1, nodes: {}, memoryPerTaskBytes: 1e6, outputReplication: 1 };
  const setting = { secret: 's', hostname: 'h', dir: context.dir, nodes: {}, tracker };
  context.pool = new WorkerPool(new URL('./testWorker.ts', import.meta.url), setting, (_ms, run) => {
    context.waits.add(run);
    return { cancel: () => void context.waits.delete(run) };
  });
});
test.after.each(async ({ dir, pool, waits }) => {
  await pool.close();
  assert.is(waits.size, 0);
  rmSync(dir, { recursive: true });
});

/** Ends all waits that have been asked for until now. */
function pass({ waits }: Setting): void {
  const ended = [...waits];
  waits.clear();
  for (const end of ended) end();
}

/** The number of the thread that ran a task. */
async function threadOf({ pool, dir }: Setting, task: string): Promise<unknown> {
  const answer = await pool.run({ task, temporary: join(dir, task) }).answer;
  return answer.outcome === 'finished' ? answer.report : answer;
}

test('a thread that is idle is used again', async (context) => {
  const first = await threadOf(context, 'a');
  assert.is(context.waits.size, 1);
  assert.is(await threadOf(context, 'b'), first);
});

test('one that was idle for a while has collected its garbage and goes on; for long, and it has ended', async (context) => {
  const first = await threadOf(context, 'a');
  pass(context);
  assert.is(context.waits.size, 1);
  assert.is(await threadOf(context, 'b'), first);
  assert.is(context.waits.size, 1);
  pass(context);
  pass(context);
  assert.is(context.waits.size, 0);
  assert.is.not(await threadOf(context, 'c'), first);
});

test('of several the one that has worked last goes on', async (context) => {
  const both = await Promise.all([threadOf(context, 'a'), threadOf(context, 'b')]);
  assert.is.not(both[0], both[1]);
  assert.is(context.waits.size, 2);
  await threadOf(context, 'c');
  assert.is(context.waits.size, 2);
  pass(context);
  assert.ok(both.includes((await threadOf(context, 'd')) as number));
});

test('a thread that has ended is given no task; one that it was at work on has failed', async (context) => {
  assert.equal(await threadOf(context, 'exit'), {
    outcome: 'failed',
    message: 'The task ended its thread, with exit code 3.',
  });
  const first = await threadOf(context, 'exit in a while');
  while ((await threadOf(context, 'a')) === first);
  assert.is.not(await threadOf(context, 'b'), first);
});

test.run();
