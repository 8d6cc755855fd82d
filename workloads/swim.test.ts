import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSwim } from './swim.ts';
import { TraceError } from './traceLines.ts';

const refused = (text: string, what: RegExp): void =>
  assert.throws(
    () => readSwim(text),
    (error: unknown) => error instanceof TraceError && what.test(error.message),
  );

test('a line is a job', () => {
  assert.equal(readSwim('a\t5\t5\t100\t0\t7\nb\t5\t0\t0\t20\t0\r\n'), [
    { id: 'a', submitS: 5, inputBytes: 100, shuffleBytes: 0, outputBytes: 7 },
    { id: 'b', submitS: 5, inputBytes: 0, shuffleBytes: 20, outputBytes: 0 },
  ]);
});

test('a line that is not of the format is named', () => {
  refused('a\t0\t0\t1\t1\t1\nb\t1\t1\t1\t1\n', /^line 2 of the trace has 5 fields; 6 are expected/);
  refused('a\t0\t0\t1\t1\t1\n\n', /^line 2 .* has 1 fields/);
  refused('a 0 0 1 1 1\n', /^line 1 .* tabs/);
  refused('a\t0\t0\t-1\t1\t1\n', /^line 1 .* '-1' as bytes of input/);
  refused('a\t0\t0\t1e9\t1\t1\n', /'1e9' as bytes of input/);
  refused('a\t0\t0\t1\t99999999999999999999\t1\n', /as bytes of shuffle/);
  refused('a\tsoon\t0\t1\t1\t1\n', /'soon' as the second of submission/);
  refused('\t0\t0\t1\t1\t1\n', /^line 1 .* no id/);
});

test('jobs come in the order of their submission, each once', () => {
  refused('a\t5\t5\t1\t1\t1\nb\t4\t0\t1\t1\t1\n', /^line 2 .* second 4, before/);
  refused('a\t5\t5\t1\t1\t1\na\t6\t1\t1\t1\t1\n', /^line 2 .* id 'a'/);
});

test('a trace without jobs, or with a line without end, is refused', () => {
  refused('', /no job/);
  refused('a'.repeat(5_000), /^line 1 .* 5000 characters/);
});

test.run();
