import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ByteSource, readLines } from './lineSource.ts';

/** A source that gives its bytes in pieces of these sizes, over and over. */
function pieces(text: Buffer, sizes: readonly number[]): ByteSource {
  let from = 0;
  let turn = 0;
  return {
    async read(into, at) {
      const size = sizes[turn % sizes.length] ?? 1;
      turn += 1;
      const some = text.subarray(from, from + Math.min(size, into.length - at));
      some.copy(into, at);
      from += some.length;
      return some.length;
    },
  };
}

async function collect(
  source: ByteSource,
  lineBytesMax?: number,
): Promise<{ text: string; calls: string[] }> {
  const calls: string[] = [];
  await readLines(
    source,
    (bytes, start, end) => calls.push(bytes.toString('latin1', start, end)),
    lineBytesMax,
  );
  return { text: calls.join(''), calls };
}

test('every line comes once, whole, in order, however the bytes come; the last gets a newline', async () => {
  const lines = fc.array(fc.string({ maxLength: 20 }).map((line) => line.replaceAll(/[^ -~]/g, '.')));
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      async (given, ended, sizes) => {
        const text = given.join('\n') + (ended && given.length > 0 ? '\n' : '');
        const { text: got, calls } = await collect(pieces(Buffer.from(text), sizes));
        assert.is(got, text === '' || text.endsWith('\n') ? text : `${text}\n`);
        for (const call of calls) assert.ok(call.endsWith('\n'));
      },
    ),
  );
});

test('lines much longer than the buffer are whole', async () => {
  const long = `${'x'.repeat(3_000_000)}\nshort\n`;
  assert.is((await collect(pieces(Buffer.from(long), [70_000]))).text, long);
});

test('a line longer than allowed is refused', async () => {
  const text = Buffer.from(`ok\n${'x'.repeat(200)}`);
  try {
    await collect(pieces(text, [50]), 100);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /longer than 100 bytes/);
  }
});

test('what a visitor writes over its lines does not reach the next ones', async () => {
  const out: string[] = [];
  await readLines(pieces(Buffer.from('one\ntwo\nthree'), [5]), (bytes, start, end) => {
    out.push(bytes.toString('latin1', start, end));
    bytes.fill('#', start, end);
  });
  assert.is(out.join(''), 'one\ntwo\nthree\n');
});

test.run();
