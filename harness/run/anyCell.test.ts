import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drf } from '../experiments/drf.ts';
import type { VirtualRunScenario } from '../experiments/experiment.ts';
import { runCell } from './anyCell.ts';
import type { Cell } from './cell.ts';
import { setting } from './provenance.ts';

const test = suite<{ folder: string }>('a cell of any kind');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'any-cell-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** A small cluster in virtual time. */
function cellWith(more: Partial<VirtualRunScenario>): Cell {
  const scenario = drf.scenarios.find(({ id }) => id === 'example') as VirtualRunScenario;
  return { experiment: drf, scenario: { ...scenario, ...more }, seed: 1, choices: {} };
}

const run = (cell: Cell, out: string) =>
  runCell(cell, {
    ...{ setting: setting(), out, stopping: new AbortController().signal },
    progress: { report() {} },
  });

test('an error in virtual time is the code’s own, which no machine has a part in', async ({ folder }) => {
  const measure = (): never => {
    throw new TypeError('there is no such thing');
  };
  const result = await run(cellWith({ measures: [measure] }), folder);
  assert.equal(result.state === 'failed' && [result.cause, result.reason], [
    'system',
    'there is no such thing',
  ]);
});

test('what the file system refuses is the machine’s fault', async ({ folder }) => {
  const out = join(folder, 'a-file');
  writeFileSync(out, '');
  const result = await run(cellWith({ keep: 'run' }), out);
  assert.is(result.state === 'failed' && result.cause, 'infrastructure');
});

test.run();
