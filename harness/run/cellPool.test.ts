import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { childrenOf } from '../endToEnd/testDeployment.ts';
import { drf } from '../experiments/drf.ts';
import { clockOf, type Experiment } from '../experiments/experiment.ts';
import { macro } from '../experiments/macro.ts';
import type { Cell } from './cell.ts';
import { cellPool } from './cellPool.ts';
import { setting } from './provenance.ts';

const test = suite<{ folder: string }>('the pool of processes for cells');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'pool-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The first cluster of an experiment, in virtual time: of `macro` it tells how far it is, of `drf` it takes a moment. */
function firstCell(experiment: Experiment): Cell {
  const scenario = experiment.scenarios.find((one) => clockOf(one) === 'virtual');
  if (scenario === undefined) throw new Error('there is one');
  return { experiment, scenario, seed: 1, choices: {} };
}

test('a cell whose process is killed fails alone, by the fault of the machine', async ({ folder }) => {
  const before = new Set(await childrenOf(process.pid));
  const killNew = async (): Promise<void> => {
    for (const pid of await childrenOf(process.pid)) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
  };
  await using pool = cellPool(1);
  const stopping = new AbortController();
  const cell = firstCell(macro);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: stopping.signal },
    progress: { report: () => void killNew().catch(() => {}) },
  };
  const result = await pool.run(cell, surroundings);
  assert.is(result.state, 'failed');
  if (result.state !== 'failed') return;
  assert.is(result.cause, 'infrastructure');
  assert.match(result.reason, /its process ended early \(SIGKILL\)/);
});

test('a process that ends by itself has failed by its own fault, and its last words are told', async ({
  folder,
}) => {
  await using pool = cellPool(1);
  const { scenario, ...cell } = firstCell(drf);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: new AbortController().signal },
    progress: { report: () => {} },
  };
  const result = await pool.run({ ...cell, scenario: { ...scenario, id: 'gone' } }, surroundings);
  if (result.state !== 'failed') throw new Error('it has not failed');
  assert.is(result.cause, 'system');
  assert.is(result.reason, 'its process ended early (exit code 1): Error: there is no scenario gone of drf');
});

test('a process that died while it had nothing to do takes no cell with it', async ({ folder }) => {
  const before = new Set(await childrenOf(process.pid));
  const ours = async () => (await childrenOf(process.pid)).filter((pid) => !before.has(pid));
  await using pool = cellPool(1);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: new AbortController().signal },
    progress: { report: () => {} },
  };
  assert.is((await pool.run(firstCell(drf), surroundings)).state, 'completed');
  const [idle] = await ours();
  process.kill(idle as number, 'SIGKILL');
  while ((await ours()).length > 0);
  assert.is((await pool.run(firstCell(drf), surroundings)).state, 'completed');
});

test('processes can be started before there is a cell, and it is they who run it', async ({ folder }) => {
  const before = new Set(await childrenOf(process.pid));
  const ours = async () => (await childrenOf(process.pid)).filter((pid) => !before.has(pid));
  await using pool = cellPool(2);
  pool.start(1);
  assert.is((await ours()).length, 1);
  pool.start(5);
  const started = await ours();
  assert.is(started.length, 2);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: new AbortController().signal },
    progress: { report: () => {} },
  };
  assert.is((await pool.run(firstCell(drf), surroundings)).state, 'completed');
  assert.equal(await ours(), started);
});

test('a cell that is stopped ends at once, and its process with it', async ({ folder }) => {
  const stopping = new AbortController();
  await using pool = cellPool(1);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: stopping.signal },
    progress: { report: () => stopping.abort() },
  };
  const result = await pool.run(firstCell(macro), surroundings);
  assert.is(result.state === 'failed' && result.reason, 'it was stopped');
});

test.run();
