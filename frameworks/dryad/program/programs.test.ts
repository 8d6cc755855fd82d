import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Partitioner, RecordCursor } from '../../hadoop/records/record.ts';
import type { Program } from './program.ts';
import { programOf } from './programs.ts';
import type { VertexOutput } from './vertexProgram.ts';

type Pair = readonly [key: string, value: string];

const byBytes = (a: Pair, b: Pair): number =>
  Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])) ||
  Buffer.compare(Buffer.from(a[1]), Buffer.from(b[1]));

/** Records in order, as a channel brings them. */
function cursorOf(pairs: readonly Pair[]): RecordCursor {
  const left = [...pairs].sort(byBytes);
  const at = { buffer: Buffer.alloc(0), keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
  return Object.assign(at, {
    next() {
      const pair = left.shift();
      if (pair === undefined) return false;
      at.buffer = Buffer.from(`-${pair[0]}${pair[1]}`);
      at.keyStart = 1;
      at.keyEnd = at.valueStart = 1 + Buffer.byteLength(pair[0]);
      at.valueEnd = at.buffer.length;
      return true;
    },
  });
}

function run(program: Program, ...inputs: readonly (readonly Pair[])[]) {
  const emitted: Pair[] = [];
  let partitioner: Partitioner | undefined;
  const output: VertexOutput = {
    emit: (key, keyStart, keyEnd, value, valueStart, valueEnd) =>
      void emitted.push([
        Buffer.from(key.subarray(keyStart, keyEnd)).toString(),
        Buffer.from(value.subarray(valueStart, valueEnd)).toString(),
      ]),
    partitionBy: (wanted) => {
      partitioner = wanted;
    },
  };
  const code = programOf(program);
  if (code.shape === 'inner') code.run(inputs.map(cursorOf), output);
  else {
    const text = Buffer.from((inputs[0] ?? []).map(([line]) => `${line}\n`).join(''));
    code.lines(text, 0, text.length, output);
  }
  return { emitted, partitioner };
}

const lines = (...texts: readonly string[]): readonly Pair[] => texts.map((text) => [text, '']);

test('fields of lines become records; lines with too few are passed over', () => {
  const program: Program = { type: 'fields', delimiter: ',', key: 1, values: [2, 0] };
  assert.equal(run(program, lines('a,b,c', 'd,e', 'f,g,h,i', '')).emitted, [
    ['b', 'c\ta'],
    ['g', 'h\tf'],
  ]);
  assert.equal(run({ type: 'fields', delimiter: '\t', key: 0, values: [] }, lines('x\ty')).emitted, [
    ['x', ''],
  ]);
  assert.equal(run({ type: 'lines' }, lines('b', '', 'a')).emitted, lines('b', '', 'a'));
});

const pairs = fc.array(
  fc.tuple(fc.constantFrom('a', 'b', 'bb', 'c', ''), fc.constantFrom('', '1', '2', 'x')),
  {
    maxLength: 12,
  },
);

test('a merge of any inputs is what they hold, in order', () => {
  fc.assert(
    fc.property(fc.array(pairs, { minLength: 1, maxLength: 4 }), (inputs) => {
      assert.equal(run({ type: 'merge' }, ...inputs).emitted, inputs.flat().sort(byBytes));
    }),
  );
});

test('a join has each pair of records with the same key', () => {
  fc.assert(
    fc.property(pairs, pairs, (left, right) => {
      const program: Program = { type: 'join', key: 0, values: [1, 2] };
      const expected = left.flatMap(([key, one]) =>
        right.flatMap(([other, two]) => (key === other ? [[key, `${one}\t${two}`] as const] : [])),
      );
      assert.equal([...run(program, left, right).emitted].sort(byBytes), expected.sort(byBytes));
    }),
  );
});

test('sums are exact, field by field', () => {
  const tenth: readonly Pair[] = Array.from({ length: 10 }, () => ['k', '0.1\t2'] as const);
  assert.equal(run({ type: 'sum' }, [...tenth, ['a', '1\t0.000001']]).emitted, [
    ['a', '1\t0.000001'],
    ['k', '1\t20'],
  ]);
  assert.throws(() => run({ type: 'sum' }, [['k', 'much']]), /'much' is not an amount/);
});

test('ranks put numbers in order either way, whatever their digits', () => {
  const rows: readonly Pair[] = [
    ['a', '9'],
    ['b', '10.5'],
    ['c', '10'],
  ];
  const order = (way: 'ascending' | 'descending'): readonly string[] =>
    [...run({ type: 'rank', key: 1, order: way }, rows).emitted]
      .sort(byBytes)
      .map(([, row]) => row[0] as string);
  assert.equal(order('ascending'), ['a', 'c', 'b']);
  assert.equal(order('descending'), ['b', 'c', 'a']);
});

test('a range cuts its records at the splitters, which cut a sample into equal parts', () => {
  const keys = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
  const sample = run({ type: 'sample', every: 5 }, lines(...keys)).emitted;
  assert.is(sample.length, 20);
  const bounds = run({ type: 'splitters', parts: 4 }, sample).emitted;
  const { emitted, partitioner } = run({ type: 'range' }, lines(...keys), bounds);
  assert.equal(emitted, lines(...keys));
  const partitions = keys.map((key) => partitioner?.(Buffer.from(key), 0, key.length, 4) ?? -1);
  assert.equal(partitions, [...partitions].sort());
  for (let n = 0; n < 4; n++) assert.ok(partitions.filter((partition) => partition === n).length >= 20);
});

test('lines are cut by the keys of their input, and may be every so many', () => {
  const bounds = cursorOf(lines('b', 'd'));
  const code = programOf({ type: 'lines' });
  const partitioner = code.shape === 'source' ? code.partitioner?.([bounds]) : undefined;
  assert.equal(
    ['a', 'b', 'c', 'd', 'e'].map((key) => partitioner?.(Buffer.from(key), 0, 1, 3)),
    [0, 1, 1, 2, 2],
  );
  assert.equal(run({ type: 'lines', every: 2 }, lines('a', 'b', 'c', 'd')).emitted, lines('b', 'd'));
});

test('the first records, and values alone', () => {
  assert.equal(run({ type: 'top', count: 2 }, lines('c', 'a', 'b')).emitted, lines('a', 'b'));
  assert.equal(run({ type: 'values' }, [['k', 'v']]).emitted, [['', 'v']]);
});

test.run();
