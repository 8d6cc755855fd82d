/** What is kept of cells, and what becomes of it in the hands of others. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleRun } from '../../reports/testdata/sampleRun.ts';
import { sampleSweep } from '../../reports/testdata/sampleSweep.ts';
import type { CellResult, CompletedCell } from '../result.ts';
import { cellFolder, storeCell, storedCell } from './store.ts';

const test = suite<{ out: string }>('stored cells');

test.before.each((context) => {
  context.out = mkdtempSync(join(tmpdir(), 'store-'));
});
test.after.each(({ out }) => rmSync(out, { recursive: true }));

const run = sampleRun('virtual', 'mesos', 1, { virtualSeeds: 1, realSeeds: 0, stepS: 120, scale: 0.02 });
const values = sampleSweep().cells.find(({ state }) => state === 'completed') as CompletedCell;
const { cellId } = run.provenance;

/** What is found of a cell, and what is said of it. */
function found(out: string, id = cellId) {
  const told: string[] = [];
  return { cell: storedCell(out, id, (sentence) => told.push(sentence)), told };
}

/** Puts a text where the cell's result should be. */
function put(out: string, text: string): string {
  const file = join(cellFolder(out, cellId), 'result.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

test('what ran to its end is found again as it was', async ({ out }) => {
  for (const cell of [run, values]) {
    await storeCell(out, cell);
    assert.equal(found(out, cell.provenance.cellId), { cell, told: [] });
  }
});

test('a measured number that is none does not spoil its cell', async ({ out }) => {
  const cell = { ...values, values: { ...values.values, 'nothing (s)': Number.NaN } };
  await storeCell(out, { ...cell, provenance: { ...cell.provenance, cellId } });
  const { cell: again, told } = found(out);
  assert.equal(again?.values, { ...values.values, 'nothing (s)': null });
  assert.equal(told, []);
});

test('what more is in it, as a newer version may have written, is passed over', async ({ out }) => {
  await storeCell(out, { ...run, more: 1 } as CellResult);
  assert.ok(found(out).cell);
});

test('what is not there, or has failed, is not stored, and there is nothing to say about it', async ({
  out,
}) => {
  assert.equal(found(out), { cell: undefined, told: [] });
  await storeCell(out, { state: 'failed', provenance: run.provenance, cause: 'system', reason: 'r' });
  assert.equal(found(out), { cell: undefined, told: [] });
});

test('what is damaged is not stored, and one sentence says which file and what is wrong with it', ({
  out,
}) => {
  const cases: readonly (readonly [object | string, RegExp])[] = [
    ['{"state":"comp', / cannot be read: .*JSON/],
    ['null', / is damaged \(.*\)$/],
    [{ ...run, frameworks: undefined }, / is damaged \(frameworks: .*\)$/],
    [{ ...run, checks: {} }, / is damaged \(checks: .*\)$/],
    [{ ...run, checks: [null] }, / is damaged \(checks\.0: .*\)$/],
    [{ ...run, makespanS: 'long' }, / is damaged \(makespanS: .*\)$/],
    [
      { ...run, harness: { ...run.harness, historyLines: undefined } },
      / is damaged \(harness\.historyLines: .*\)$/,
    ],
    [{ ...run, timeline: { ...run.timeline, slot: ['1'] } }, / is damaged \(timeline\.slot: .*\)$/],
    [{ ...run, curves: { one: { x: [1] } } }, / is damaged \(curves\.one\.y: .*\)$/],
    [{ ...run, state: 'done' }, / is damaged \(state: .*\)$/],
    [
      { ...run, provenance: { ...run.provenance, wallSeconds: '1' } },
      / is damaged \(provenance\.wallSeconds: .*\)$/,
    ],
    [{ ...run, provenance: { ...run.provenance, cellId: 'x' } }, / is damaged \(it is of the cell x\)$/],
  ];
  for (const [content, complaint] of cases) {
    const file = put(out, typeof content === 'string' ? content : JSON.stringify(content));
    const { cell, told } = found(out);
    assert.is(cell, undefined, String(complaint));
    assert.is(told.length, 1);
    assert.ok(told[0]?.startsWith(file), told[0]);
    assert.match(told[0] ?? '', complaint);
    assert.not.match(told[0] ?? '', /\n/);
  }
});

test.run();
