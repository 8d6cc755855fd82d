import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { commandsFor } from './commands.ts';
import { valuesCell } from './testCells.ts';

function resultOf(id: string, cells: readonly CellResult[]): ExperimentResult {
  const experiment = { id, title: id, question: '', paper: '' };
  return { experiment, cells, claims: [], caveats: [], left: [] };
}

test('experiments with the same options are run by one command', () => {
  const cells = [valuesCell()];
  assert.equal(commandsFor([resultOf('a', cells), resultOf('b', cells)]), [
    'npx lab run a b --clock virtual',
  ]);
});

test('the size and the input of an experiment are kept', () => {
  const cell = valuesCell();
  const scaled = {
    ...cell,
    provenance: { ...cell.provenance, command: 'npx lab run a --input jobs.tsv --scale 0.1 --seed 3' },
  };
  assert.equal(commandsFor([resultOf('a', [scaled]), resultOf('b', [cell])]), [
    'npx lab run a --input jobs.tsv --scale 0.1 --clock virtual',
    'npx lab run b --clock virtual',
  ]);
});

test('all clocks need no option, and what did not run needs no command', () => {
  const all = (['virtual', 'emulated', 'real'] as const).map((clock) => valuesCell({ clock }));
  assert.equal(commandsFor([resultOf('a', all), resultOf('b', [])]), ['npx lab run a']);
});

test.run();
