import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { commandsFor, exactCommands, wholeCommands } from './commands.ts';
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

test('a report of several experiments is made again with the seeds that all of them had', () => {
  const [one, two] = [valuesCell({ seed: 1 }), valuesCell({ seed: 2 })];
  assert.equal(wholeCommands([resultOf('a', [one]), resultOf('b', [one])]), [
    'npx lab run a b --clock virtual --seed 1',
  ]);
  assert.equal(wholeCommands([resultOf('a', [one, two]), resultOf('b', [one])]), [
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

test('an input with spaces stays in its quotes, and is no place for other options', () => {
  const cell = valuesCell();
  const command = "npx lab run a --input 'my --scale 2'\\'''\\''s.tsv' --clock virtual";
  assert.equal(commandsFor([resultOf('a', [{ ...cell, provenance: { ...cell.provenance, command } }])]), [
    command,
  ]);
});

test('the machines of real runs are kept, also where others come first', () => {
  const real = valuesCell({ clock: 'real' });
  const on = {
    ...real,
    provenance: { ...real.provenance, command: 'npx lab run a --on netns --clock real' },
  };
  assert.equal(commandsFor([resultOf('a', [valuesCell(), on])]), [
    'npx lab run a --on netns --clock virtual real',
  ]);
});

test('all clocks need no option, and what did not run needs no command', () => {
  const all = (['virtual', 'emulated', 'real'] as const).map((clock) => valuesCell({ clock }));
  assert.equal(commandsFor([resultOf('a', all), resultOf('b', [])]), ['npx lab run a']);
});

test('one experiment is run again with the scenarios and the seeds that it had', () => {
  const ran = [3, 4].map((seed) => valuesCell({ seed }));
  const { scenario } = ran[0]?.provenance ?? {};
  assert.equal(exactCommands(resultOf('a', ran)), ['npx lab run a --clock virtual --seed 3 --seeds 2']);
  const static_ = { label: 'static', clock: 'virtual', command: '' } as const;
  assert.equal(exactCommands({ ...resultOf('a', ran), left: [static_] }), [
    `npx lab run a --clock virtual --only ${scenario} --seed 3 --seeds 2`,
  ]);
  const real = { ...static_, clock: 'real' } as const;
  assert.equal(exactCommands({ ...resultOf('a', [valuesCell()]), left: [real] }), [
    'npx lab run a --clock virtual --seed 1',
  ]);
});

test('of some scenarios it makes these only, and nothing of what was not run', () => {
  const cells = ['one', 'two'].flatMap((scenario) => [1, 2].map((seed) => valuesCell({ scenario, seed })));
  const result = resultOf('a', cells);
  assert.equal(exactCommands(result, ['two', 'three']), [
    'npx lab run a --clock virtual --only two --seeds 2',
  ]);
  assert.equal(exactCommands(result, ['three']), []);
});

test('scenarios with seeds of their own have them by default', () => {
  const other = valuesCell({ seed: 1 });
  const fewer = { ...other, provenance: { ...other.provenance, scenario: 'fewer' } };
  const cells = [1, 2].map((seed) => valuesCell({ seed }));
  assert.equal(exactCommands(resultOf('a', [...cells, fewer])), ['npx lab run a --clock virtual']);
});

test.run();
