import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskSetting } from './mapReduce.ts';
import type { Program } from './program.ts';
import { programOf } from './programs.ts';

const COUNTED = new Map<string, number>();
const SETTING: TaskSetting = {
  index: 0,
  tag: undefined,
  side: new Map(),
  count: (name, by = 1) => void COUNTED.set(name, (COUNTED.get(name) ?? 0) + by),
};

function words(text: string): string[] {
  const program = programOf({ type: 'wordcount' });
  if (program.shape !== 'fold') throw new Error('wordcount folds');
  const bytes = Buffer.from(text);
  const out: string[] = [];
  program.startMap(SETTING).map(bytes, 0, bytes.length, {
    emit: (from, start, end, value) => {
      assert.is(value, 1);
      out.push(Buffer.from(from.subarray(start, end)).toString());
    },
  });
  return out;
}

function matches(text: string, program: Program): string {
  const code = programOf(program);
  if (code.shape !== 'scan') throw new Error(`${program.type} scans`);
  const bytes = Buffer.from(text);
  let out = '';
  const output = {
    write: (from: Uint8Array, start: number, end: number) => {
      out += Buffer.from(from.subarray(start, end)).toString();
    },
  };
  const mapper = code.startMap(SETTING);
  mapper.map(bytes, 0, bytes.length, output);
  mapper.finish?.(output);
  return out;
}

const search = (pattern: string): Program => ({ type: 'textsearch', pattern });

test('words are runs of letters and digits, in lower case', () => {
  assert.equal(words("Re: FREE money!! e-mail me@example.com, don't wait\n"), [
    ...['re', 'free', 'money', 'e', 'mail', 'me', 'example', 'com', 'don', 't', 'wait'],
  ]);
  assert.equal(words('\n\n--\n'), []);
  assert.equal(words('last'), ['last']);
});

test('words in UTF-8 stay whole', () => {
  assert.equal(words('Grüße, naïve Ärzte\n'), ['grüße', 'naïve', 'Ärzte']);
});

test('counting words agrees with a regular expression on any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      assert.equal(words(text), text.toLowerCase().match(/[a-z0-9]+/g) ?? []);
    }),
  );
});

test('text search finds the lines that contain the pattern, each once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[ab.*]{0,8}$/), { minLength: 1 }),
      fc.stringMatching(/^[ab.*]{1,3}$/),
      (lines, pattern) => {
        const wanted = lines.filter((line) => line.includes(pattern)).map((line) => `${line}\n`);
        assert.is(matches(`${lines.join('\n')}\n`, search(pattern)), wanted.join(''));
      },
    ),
  );
});

test('text search takes the pattern literally, as UTF-8', () => {
  assert.is(matches('fürs, ja\nfür. ja\n', search('ür.')), 'für. ja\n');
});

test('a model has no code', () => {
  const model = { type: 'model', setUpMs: 0, mapMs: 1, remoteMapMs: 1, reduceMs: 1, cv: 0 } as const;
  assert.throws(() => programOf(model), /no code/);
});

test.run();
