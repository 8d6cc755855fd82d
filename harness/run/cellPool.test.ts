import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { childrenOf } from '../endToEnd/testDeployment.ts';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import { clockOf } from '../experiments/experiment.ts';
import type { Cell } from './cell.ts';
import { cellPool } from './cellPool.ts';
import { setting } from './provenance.ts';

const test = suite<{ folder: string }>('the pool of processes for cells');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'pool-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The first cluster in virtual time that there is. */
function someCell(): Cell {
  for (const experiment of EXPERIMENTS)
    for (const scenario of experiment.scenarios)
      if (clockOf(scenario) === 'virtual') return { experiment, scenario, seed: 1, choices: {} };
  throw new Error('no experiment runs in virtual time');
}

test('a cell whose process is killed fails alone, by the fault of the machine', async ({ folder }) => {
  const before = new Set(await childrenOf(process.pid));
  const killNew = async (): Promise<void> => {
    for (const pid of await childrenOf(process.pid)) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
  };
  await using pool = cellPool(1);
  const stopping = new AbortController();
  const cell = someCell();
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

test('a cell that is stopped ends at once, and its process with it', async ({ folder }) => {
  const stopping = new AbortController();
  await using pool = cellPool(1);
  const surroundings = {
    ...{ setting: setting(), out: folder, stopping: stopping.signal },
    progress: { report: () => stopping.abort() },
  };
  const result = await pool.run(someCell(), surroundings);
  assert.is(result.state === 'failed' && result.reason, 'it was stopped');
});

test.run();
