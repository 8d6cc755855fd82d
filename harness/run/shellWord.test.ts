import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactCommands } from '../../reports/results/commands.ts';
import { valuesCell } from '../../reports/results/testCells.ts';
import { clockOf, scenariosOf } from '../experiments/experiment.ts';
import { macro } from '../experiments/macro.ts';
import { commandFor } from './cell.ts';
import { shellWord } from './shellWord.ts';

/** What a shell may take for something else, among letters, and anything. */
const texts = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...` \t\n'"\\$\`!*?[]{}()<>|&;#~=%^-/.,:@+aé0`), minLength: 1 }),
    fc.string({ unit: 'grapheme', minLength: 1 }),
  )
  .filter((text) => !text.includes('\0'));

/** The words that a shell makes of a command line. */
function wordsOf(line: string): readonly string[] {
  const script = `set -- ${line}\nprintf '%s\\0' "$@"`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a shell reads every word as it is', () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 8 }), (words) => {
      assert.equal(wordsOf(words.map(shellWord).join(' ')), words);
    }),
  );
});

test('what means nothing to a shell is left as it is', () => {
  for (const word of ['jobs.tsv', '/tmp/a-b_c.swf', '0.1', 'me@node:22']) assert.is(shellWord(word), word);
});

test('commands of reports name the file and the machines, whatever these are called', () => {
  const real = scenariosOf(macro, {}).find((scenario) => clockOf(scenario) === 'real');
  if (real === undefined) throw new Error('macro runs no processes');
  const experiment = { id: 'a', title: '', question: '', paper: '' };
  fc.assert(
    fc.property(texts, texts, (input, on) => {
      const own = commandFor(experiment, [real], { input }, on);
      const cell = valuesCell({ clock: 'real' });
      const cells = [{ ...cell, provenance: { ...cell.provenance, command: own } }];
      const again = exactCommands({ experiment, cells, claims: [], caveats: [], left: [] });
      for (const line of [own, ...again]) {
        const words = wordsOf(line);
        assert.equal(words.slice(0, 8), ['npx', 'lab', 'run', 'a', '--on', on, '--input', input]);
      }
    }),
  );
});

test.run();
