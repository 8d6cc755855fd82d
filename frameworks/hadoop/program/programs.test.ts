import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { programOf } from './programs.ts';

function words(text: string): string[] {
  const program = programOf({ type: 'wordcount' });
  if (program.shape !== 'keyed') throw new Error('wordcount has keys');
  const bytes = Buffer.from(text);
  const out: string[] = [];
  program.map(bytes, 0, bytes.length, {
    emit: (from, start, end, value) => {
      assert.is(value, 1);
      out.push(Buffer.from(from.subarray(start, end)).toString());
    },
  });
  return out;
}

function matches(pattern: string, text: string): string {
  const program = programOf({ type: 'textsearch', pattern });
  if (program.shape !== 'scan') throw new Error('textsearch scans');
  const bytes = Buffer.from(text);
  let out = '';
  program.scan(bytes, 0, bytes.length, {
    write: (from, start, end) => {
      out += Buffer.from(from.subarray(start, end)).toString();
    },
  });
  return out;
}

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
        assert.is(matches(pattern, `${lines.join('\n')}\n`), wanted.join(''));
      },
    ),
  );
});

test('text search takes the pattern literally, as UTF-8', () => {
  assert.is(matches('ür.', 'fürs, ja\nfür. ja\n'), 'für. ja\n');
});

test('a model has no code', () => {
  const model = { type: 'model', setUpMs: 0, mapMs: 1, remoteMapMs: 1, reduceMs: 1, cv: 0 } as const;
  assert.throws(() => programOf(model), /no code/);
});

test.run();
