import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FoldTable } from './foldTable.ts';
import { hashKey, partitionOf } from './keyHash.ts';
import { FoldOutput } from './mapOutput.ts';
import { foldingMerger, mergeFolded } from './merge.ts';
import { readNumber } from './number.ts';
import { MERGE_WIDTH, mergeRunFiles, openPartition, type RunFile } from './runFile.ts';
import { RunReader } from './runReader.ts';
import { writeRun } from './runWriter.ts';

type Item = readonly [key: Uint8Array, value: number];

const dir = mkdtempSync(join(tmpdir(), 'mesos-lab-records-'));
test.after(() => rmSync(dir, { recursive: true }));
const merge = foldingMerger((a, b) => a + b);
const newFolder = (): string => mkdtempSync(join(dir, 'case-'));

const sum = (a: number, b: number): number => a + b;
/**
 * Keys from few bytes, so that they repeat and are prefixes of one another; zero bytes and empty keys too.
 */
const keys = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => bytes.map((byte) => [0, 97, 98, 255][byte % 4] ?? 0));
const items = fc.array(fc.tuple(keys, fc.nat({ max: 2 ** 40 })), { maxLength: 300 });

const tableOf = (bytesMax: number, partitions = 1): FoldTable =>
  new FoldTable({ bytesMax, fold: sum, partitions });

/** What must come out: the sums by key, in the order of partition and key. */
function expected(list: readonly Item[], partitions: number): string[][] {
  const sums = new Map<string, number>();
  for (const [key, value] of list) {
    const name = Buffer.from(key).toString('latin1');
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const out: string[][] = Array.from({ length: partitions }, () => []);
  for (const name of [...sums.keys()].sort()) {
    const key = Buffer.from(name, 'latin1');
    out[partitionOf(hashKey(key, 0, key.length), partitions)]?.push(
      show(key, 0, key.length, sums.get(name) ?? 0),
    );
  }
  return out;
}

function show(bytes: Uint8Array, start: number, end: number, value: number): string {
  return `${Buffer.from(bytes.subarray(start, end)).toString('hex')}=${value}`;
}

const numberOf = ({ buffer, valueStart, valueEnd }: RunReader): number =>
  readNumber(buffer, valueStart, valueEnd);

function readRun({ path, index }: RunFile, bufferBytes = 4096): string[][] {
  const file = openSync(path, 'r');
  return index.partitions.map((_, partition) => {
    const reader = openPartition(file, index, partition, bufferBytes);
    const out: string[] = [];
    while (reader.next()) out.push(show(reader.buffer, reader.keyStart, reader.keyEnd, numberOf(reader)));
    return out;
  });
}

test('a table of numbers gives back the sum of each key, in the order of partition and key', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 9 }), (list, partitions) => {
      const table = tableOf(1 << 20, partitions);
      for (const [key, value] of list) assert.ok(table.add(key, 0, key.length, value));
      const out: string[][] = Array.from({ length: partitions }, () => []);
      let last = 0;
      table.forEachInOrder((partition, bytes, start, end, value) => {
        assert.ok(partition >= last);
        last = partition;
        out[partition]?.push(show(bytes, start, end, value));
      });
      assert.equal(out, expected(list, partitions));
    }),
  );
});

test('keys that share long beginnings are in order too, in runs long and short', () => {
  const table = tableOf(1 << 20);
  const words = Array.from(
    { length: 400 },
    (_, n) => `${n % 2 === 0 ? 'internationalisation' : 'x'}${(n * 7919) % 400}`,
  );
  for (const word of words) table.add(Buffer.from(word), 0, word.length, 1);
  const out: string[] = [];
  table.forEachInOrder((_, bytes, start, end) =>
    out.push(Buffer.from(bytes.subarray(start, end)).toString()),
  );
  assert.equal(out, [...new Set(words)].sort());
});

test('a table that is full says so, keeps what it has, and takes records again when it is cleared', () => {
  const table = tableOf(64 * 1024);
  let added = 0;
  for (; table.add(Buffer.from(`key-${added}`), 0, `key-${added}`.length, 1); added += 1);
  assert.ok(added > 500 && added < 5000, `${added} keys`);
  assert.is(table.size, added);
  assert.ok(table.add(Buffer.from('key-3'), 0, 5, 1), 'a key that it has needs no room');
  table.clear();
  assert.ok(table.add(Buffer.from('another'), 0, 7, 1));
  assert.is(table.size, 1);
  table.clear();
  assert.throws(() => table.add(Buffer.alloc(70_000), 0, 70_000, 1), /70000 bytes does not fit/);
});

test('what an output writes is the same however often it spills', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 4 }), fc.boolean(), (list, partitions, small) => {
      const folder = newFolder();
      const output = new FoldOutput({
        dir: folder,
        partitions,
        memoryBytes: small ? 40_000 : 1 << 20,
        fold: sum,
      });
      // Long values of the same few keys fill no memory: many different keys do.
      const many: Item[] = small
        ? list.flatMap(([key, value], n) => [
            [key, value],
            [Buffer.from(`${n}`), n],
          ])
        : [...list];
      for (let round = 0; round < (small ? 4 : 1); round += 1)
        for (const [key, value] of many) {
          const bytes = Buffer.concat([key, Buffer.from(small ? `/${round}` : '')]);
          output.emit(bytes, 0, bytes.length, value);
        }
      const path = join(folder, 'output');
      const run = { path, index: output.finish(path) };
      const all = Array.from({ length: small ? 4 : 1 }, (_, round) =>
        many.map(
          ([key, value]): Item => [Buffer.concat([key, Buffer.from(small ? `/${round}` : '')]), value],
        ),
      ).flat();
      assert.equal(readRun(run), expected(all, partitions));
      const different = expected(all, 1)[0]?.length ?? 0;
      if (small && different > 600) assert.ok(output.spills > 1, `${output.spills} spills`);
    }),
    { numRuns: 50 },
  );
});

test('a map that emits nothing leaves a run of empty partitions', () => {
  const folder = newFolder();
  const output = new FoldOutput({ dir: folder, partitions: 3, memoryBytes: 1 << 16, fold: sum });
  const path = join(folder, 'output');
  const index = output.finish(path);
  assert.equal(readRun({ path, index }), [[], [], []]);
});

test('more runs than are merged at once are merged in several passes, to the same result', () => {
  const folder = newFolder();
  const list: Item[] = [];
  const runs = Array.from({ length: 3 * MERGE_WIDTH + 1 }, (_, n): RunFile => {
    const table = tableOf(1 << 20, 2);
    for (let k = 0; k < 20; k += 1) {
      const key = Buffer.from(`word${(n * 31 + k * 7) % 97}`);
      list.push([key, n + 1]);
      table.add(key, 0, key.length, n + 1);
    }
    const path = join(folder, `run-${n}`);
    const index = writeRun(path, 2, (writer) =>
      table.forEachInOrder((partition, bytes, start, end, value) =>
        writer.writeNumber(partition, bytes, start, end, value),
      ),
    );
    return { path, index };
  });
  const path = join(folder, 'merged');
  const index = mergeRunFiles(runs, path, { merge, bufferBytes: 1 << 16 });
  assert.equal(readRun({ path, index }), expected(list, 2));
});

test('values up to 2^53 - 1 and keys larger than the buffers come back as they were', () => {
  const folder = newFolder();
  const path = join(folder, 'run');
  const long = Buffer.alloc(600_000, 'z');
  const values = [0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 35 + 5, Number.MAX_SAFE_INTEGER];
  const index = writeRun(path, 1, (writer) => {
    for (const [n, value] of values.entries()) writer.writeNumber(0, Buffer.from(`a${n}`), 0, 2, value);
    writer.writeNumber(0, long, 0, long.length, 7);
  });
  const wanted = values.map((value, n) => show(Buffer.from(`a${n}`), 0, 2, value));
  assert.equal(readRun({ path, index }), [[...wanted, show(long, 0, long.length, 7)]]);
  assert.throws(
    () => writeRun(join(folder, 'bad'), 1, (writer) => writer.writeNumber(0, long, 0, 1, 0.5)),
    /whole numbers/,
  );
});

test('a damaged run is noticed, wherever the damage is', () => {
  const folder = newFolder();
  const path = join(folder, 'run');
  const index = writeRun(path, 1, (writer) => {
    for (let n = 0; n < 50; n += 1)
      writer.writeNumber(0, Buffer.from(`key${String(n).padStart(3, '0')}`), 0, 6, n);
  });
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at += 1) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] as number) ^ 0x55;
    writeFileSync(path, bad);
    assert.throws(() => readRun({ path, index }), /damaged/, `byte ${at}`);
  }
  writeFileSync(path, good.subarray(0, good.length - 1));
  assert.throws(() => readRun({ path, index }), /damaged/);
});

test('merging runs in memory gives every key once, in order', () => {
  fc.assert(
    fc.property(fc.array(items, { maxLength: 8 }), (lists) => {
      const readers = lists.map((list, n) => {
        const path = join(newFolder(), `run-${n}`);
        const table = tableOf(1 << 20);
        for (const [key, value] of list) table.add(key, 0, key.length, value);
        writeRun(path, 1, (writer) =>
          table.forEachInOrder((partition, bytes, start, end, value) =>
            writer.writeNumber(partition, bytes, start, end, value),
          ),
        );
        return new RunReader({ from: 'memory', bytes: readFileSync(path) });
      });
      const out: string[] = [];
      mergeFolded(readers, sum, (bytes, start, end, value) => out.push(show(bytes, start, end, value)));
      assert.equal([out], expected(lists.flat(), 1));
    }),
    { numRuns: 50 },
  );
});

test('the partition of a key never changes: it is part of what jobs leave on disk', () => {
  const of = (key: string): number => partitionOf(hashKey(Buffer.from(key), 0, key.length), 1000);
  assert.equal(['', 'a', 'the', 'mesos', 'zookeeper'].map(of), [413, 516, 397, 487, 838]);
  const counts = new Array<number>(8).fill(0);
  for (let n = 0; n < 8000; n += 1) {
    const key = Buffer.from(`word${n}`);
    const partition = partitionOf(hashKey(key, 0, key.length), 8);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(count > 850 && count < 1150, `${counts}`);
});

test.run();
