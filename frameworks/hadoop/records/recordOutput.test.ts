/** Records of any bytes: from a map's emits to what its reduces see. */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Groups } from './groups.ts';
import { hashPartitioner, rangePartitioner } from './keyHash.ts';
import { RecordOutput } from './mapOutput.ts';
import { Merge, recordMerger } from './merge.ts';
import { readNumber, writeNumber } from './number.ts';
import type { Combine, Partitioner, ValueOrder } from './record.ts';
import { mergeRunFiles, openPartition, type RunFile } from './runFile.ts';

const dir = mkdtempSync(join(tmpdir(), 'mesos-lab-record-output-'));
test.after(() => rmSync(dir, { recursive: true }));
const newFolder = (): string => mkdtempSync(join(dir, 'case-'));

type Item = readonly [key: Uint8Array, value: Uint8Array];

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((list) => list.map((byte) => [0, 97, 98, 255][byte % 4] ?? 0));
const items = fc.array(fc.tuple(bytes(6), bytes(40)), { maxLength: 200 });
const text = (of: Uint8Array): string => Buffer.from(of).toString('latin1');

interface Options {
  readonly partitions: number;
  readonly order?: ValueOrder;
  readonly combine?: Combine;
  readonly partition?: Partitioner;
  readonly memoryBytes?: number;
}

function write(list: readonly Item[], options: Options): RunFile & { readonly spills: number } {
  const { partitions, order = 'any', combine, partition, memoryBytes = 1 << 20 } = options;
  const folder = newFolder();
  const output = new RecordOutput({ dir: folder, partitions, memoryBytes, order, combine, partition });
  for (const [key, value] of list) output.emit(key, 0, key.length, value, 0, value.length);
  const path = join(folder, 'output');
  const index = output.finish(path);
  return { path, index, spills: output.spills };
}

/** What the reduces see of some map outputs: for each partition, each key with its values. */
function groupsOf(runs: readonly RunFile[], order: ValueOrder, partitions: number): [string, string[]][][] {
  const files = runs.map(({ path }) => openSync(path, 'r'));
  return Array.from({ length: partitions }, (_, partition) => {
    const readers = runs.map(({ index }, at) => openPartition(files[at] as number, index, partition, 4096));
    const groups = new Groups(new Merge(readers, order));
    const seen: [string, string[]][] = [];
    while (groups.next()) {
      const own: string[] = [];
      while (groups.values.next()) {
        const { bytes: from, start, end } = groups.values;
        own.push(text(from.subarray(start, end)));
      }
      seen.push([text(groups.key), own]);
    }
    return seen;
  });
}

/** What they must see. Values are sorted: whoever compares must sort the others if they have no order. */
function expected(list: readonly Item[], partitions: number, partition = hashPartitioner) {
  const values = new Map<string, string[]>();
  for (const [key, value] of list) values.set(text(key), [...(values.get(text(key)) ?? []), text(value)]);
  const out: [string, string[]][][] = Array.from({ length: partitions }, () => []);
  for (const key of [...values.keys()].sort()) {
    const own = Buffer.from(key, 'latin1');
    out[partition(own, 0, own.length, partitions)]?.push([key, (values.get(key) ?? []).toSorted()]);
  }
  return out;
}

const sorted = (seen: [string, string[]][][]) =>
  seen.map((groups) => groups.map(([key, values]) => [key, values.toSorted()]));

test('every key comes once to its reduce, in order, with all of its values from all maps', () => {
  fc.assert(
    fc.property(
      fc.array(items, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      (maps, n) => {
        const runs = maps.map((list) => write(list, { partitions: n }));
        assert.equal(sorted(groupsOf(runs, 'any', n)), expected(maps.flat(), n));
      },
    ),
    { numRuns: 60 },
  );
});

test('values come in the order of their bytes to whoever asks for it', () => {
  fc.assert(
    fc.property(fc.array(items, { minLength: 1, maxLength: 4 }), (maps) => {
      const runs = maps.map((list) => write(list, { partitions: 2, order: 'bytes' }));
      assert.equal(groupsOf(runs, 'bytes', 2), expected(maps.flat(), 2));
    }),
    { numRuns: 60 },
  );
});

test('keys and values in crowds are in order too: with long beginnings in common, of zero bytes, or the same', () => {
  const crowd = fc
    .record({
      beginning: fc.constantFrom('', 'http://www.', '\0'.repeat(9), 'x'.repeat(70)),
      ends: fc.array(bytes(12), { minLength: 1, maxLength: 40 }),
      picks: fc.array(fc.nat(), { minLength: 30, maxLength: 400 }),
    })
    .map(({ beginning, ends, picks }) =>
      picks.map((pick): Item => {
        const key = Buffer.concat([Buffer.from(beginning), ends[pick % ends.length] as Uint8Array]);
        return [key, Buffer.concat([key, Buffer.alloc(pick % 5), Buffer.from(`${pick % 97}`)])];
      }),
    );
  fc.assert(
    fc.property(crowd, fc.integer({ min: 1, max: 3 }), (list, n) => {
      assert.equal(groupsOf([write(list, { partitions: n, order: 'bytes' })], 'bytes', n), expected(list, n));
    }),
    { numRuns: 60 },
  );
});

test('what comes out is the same when there is little memory', () => {
  const many = (n: number): Item => [Buffer.from(`k${(n * 7) % 23}`), Buffer.from(`${n}`.repeat(30))];
  const list = Array.from({ length: 3000 }, (_, n) => many(n));
  const run = write(list, { partitions: 3, order: 'bytes', memoryBytes: 65_536 });
  assert.ok(run.spills > 3, `${run.spills} spills`);
  assert.equal(groupsOf([run], 'bytes', 3), expected(list, 3));
});

test('a combiner joins the values of a key before they travel', () => {
  const number = (value: number): Buffer => {
    const into = Buffer.alloc(8);
    return into.subarray(0, writeNumber(into, 0, value));
  };
  const combine: Combine = (values, emit) => {
    let sum = 0;
    while (values.next()) sum += readNumber(values.bytes, values.start, values.end);
    const one = number(sum);
    emit(one, 0, one.length);
  };
  const list = Array.from({ length: 20_000 }, (_, n): Item => [Buffer.from(`k${n % 50}`), number(n)]);
  const run = write(list, { partitions: 2, combine, memoryBytes: 65_536 });
  assert.ok(run.spills > 3);
  assert.is(
    run.index.partitions.reduce((sum, { records }) => sum + records, 0),
    50,
  );
  const sums = groupsOf([run], 'any', 2)
    .flat()
    .map(([, values]) => values.map((value) => readNumber(Buffer.from(value, 'latin1'), 0, value.length)));
  assert.is(
    sums.flat().reduce((a, b) => a + b, 0),
    (20_000 * 19_999) / 2,
  );
});

test('keys with any number of values are read in little memory, also by those who do not read them', () => {
  const value = Buffer.alloc(1000, 'v');
  const maps = Array.from({ length: 40 }, (_, map) =>
    write(
      Array.from({ length: 500 }, (_, n): Item => [Buffer.from(n < 490 ? 'big' : `z${map}`), value]),
      { partitions: 1 },
    ),
  );
  const path = join(newFolder(), 'merged');
  const index = mergeRunFiles(maps, path, { merge: recordMerger('any', undefined), bufferBytes: 1 << 16 });
  const file = openSync(path, 'r');
  const reader = openPartition(file, index, 0, 4096);
  const groups = new Groups(reader);
  const keys: string[] = [];
  while (groups.next()) {
    keys.push(text(groups.key));
    // Nobody asks for the values of the first key but for one.
    if (keys.length === 1) assert.ok(groups.values.next());
    assert.ok(reader.buffer.length <= 8192, `${reader.buffer.length} bytes`);
  }
  assert.is(keys.length, 41);
  assert.is(groups.records, 40 * 500);
});

test('a range partitioner keeps order across partitions', () => {
  const bounds = ['a', 'b'].map((bound) => Buffer.from(bound));
  const partition = rangePartitioner(bounds);
  const of = (key: string): number => partition(Buffer.from(key), 0, key.length, 3);
  assert.equal(['', 'Z', 'a', 'az', 'b', 'zz'].map(of), [0, 0, 1, 1, 2, 2]);
  fc.assert(
    fc.property(items, (list) => {
      const run = write(list, { partitions: 3, partition });
      const keys = groupsOf([run], 'any', 3)
        .flat()
        .map(([key]) => key);
      assert.equal(keys, keys.toSorted());
    }),
    { numRuns: 30 },
  );
});

test('a record that does not fit into memory is refused in a sentence', () => {
  const large = Buffer.alloc(70_000);
  assert.throws(
    () => write([[Buffer.from('k'), large]], { partitions: 1, memoryBytes: 65_536 }),
    /A record of 70001 bytes does not fit into a task's 65536 bytes; raise memoryPerTaskBytes/,
  );
});

test.run();
