/** What an executor holds in memory: how much it is, what leaves first, and what goes to disk. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Aggregation } from './aggregation.ts';
import { type Combiner, folding, listing } from './combiner.ts';
import { hashKey, partOf } from './keyHash.ts';
import { ownPool, PartitionCache, sharedPool } from './partitionCache.ts';
import { BroadcastValues } from './runTask.ts';
import { sizeOf } from './sizeOf.ts';

test('estimates of size are within a third of what V8 takes', () => {
  const program = `
    const { sizeOf } = await import(${JSON.stringify(import.meta.resolve('./sizeOf.ts'))});
    const kinds = {
      examples: (n) => ({ label: n % 2, indices: new Int32Array(200).fill(n), values: new Float64Array(200).fill(n) }),
      pairs: (n) => ['word-' + n, n],
      objects: (n) => ({ id: n, weight: n + 0.5, name: 'name of ' + n }),
      lists: (n) => Array.from({ length: 50 }, (_, m) => n + m),
      doubles: (n) => Array.from({ length: 50 }, (_, m) => n + m + 0.5),
      words: (n) => Buffer.from('a line of text with the number ' + n).toString('utf8'),
      wide: (n) => Buffer.from('eine Zeile \u20ac '.repeat(3) + n).toString('utf8'),
    };
    const used = () => { gc(); gc(); const m = process.memoryUsage(); return m.heapUsed + m.arrayBuffers; };
    const all = {};
    const kept = [];
    for (const [kind, make] of Object.entries(kinds)) {
      const before = used();
      const values = Array.from({ length: 20_000 }, (_, n) => make(n));
      const took = used() - before;
      all[kind] = sizeOf(values) / took;
      kept.push(values);
    }
    console.log(JSON.stringify(all));`;
  const arguments_ = [
    '--expose-gc',
    '--experimental-strip-types',
    '--no-warnings',
    '--input-type=module',
    '--eval',
    program,
  ];
  const ratios = JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' }));
  for (const [kind, ratio] of Object.entries(ratios))
    assert.ok((ratio as number) > 0.7 && (ratio as number) < 1.4, `${kind}: ${ratio}`);
});

test('what is held twice counts once, and a cycle ends', () => {
  const buffer = new Float64Array(1000);
  assert.ok(sizeOf([buffer, buffer]) < 9_000);
  assert.ok(sizeOf([buffer.subarray(0, 10), buffer.subarray(10)]) < 9_000);
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.ok(sizeOf(cycle) < 100);
  assert.is(sizeOf(null), 0);
});

test('the least recently used leave first, but never for one of their own dataset', () => {
  const cache = new PartitionCache<string>(ownPool(3));
  const keep = (dataset: number, partition: number): boolean => {
    if (!cache.reserve(dataset, 1)) return false;
    cache.put(dataset, partition, 'x', 1);
    return true;
  };
  for (const partition of [0, 1, 2]) assert.ok(keep(1, partition));
  assert.not.ok(keep(1, 3), 'they would only push each other out');
  assert.equal(
    cache.takeChanges().added.map(({ partition }) => partition),
    [0, 1, 2],
  );
  cache.get(1, 0);
  assert.ok(keep(2, 0));
  assert.equal(
    [0, 1, 2].map((partition) => cache.has(1, partition)),
    [true, false, true],
  );
  assert.equal(cache.takeChanges(), {
    added: [{ dataset: 2, partition: 0, bytes: 1 }],
    dropped: [{ dataset: 1, partition: 1, bytes: 1 }],
  });
  cache.unpersist(1);
  assert.ok(keep(3, 0) && keep(3, 1) && !cache.has(1, 0));
});

test('whatever is kept and dropped, no more is held than there is room for, and what is told adds up', () => {
  const step = fc.record({
    dataset: fc.nat(3),
    partition: fc.nat(5),
    bytes: fc.integer({ min: 1, max: 40 }),
    act: fc.constantFrom('keep', 'keep', 'keep', 'get', 'unpersist'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 10, max: 100 }), (steps, room) => {
      let held = 0;
      const pool = ownPool(room);
      const counting = {
        take: (bytes: number) => {
          const isThere = pool.take(bytes);
          if (isThere) held += bytes;
          return isThere;
        },
        give: (bytes: number) => {
          held -= bytes;
          pool.give(bytes);
        },
      };
      const cache = new PartitionCache<number>(counting);
      const told = new Map<string, number>();
      for (const { dataset, partition, bytes, act } of steps) {
        if (act === 'get') cache.get(dataset, partition);
        else if (act === 'unpersist') cache.unpersist(dataset);
        else if (cache.reserve(dataset, bytes)) cache.put(dataset, partition, bytes, bytes);
        const { added, dropped } = cache.takeChanges();
        for (const gone of dropped) told.delete(`${gone.dataset}/${gone.partition}`);
        for (const come of added) told.set(`${come.dataset}/${come.partition}`, come.bytes);
        assert.ok(held <= room);
        assert.is(
          [...told.values()].reduce((sum, one) => sum + one, 0),
          held,
        );
      }
    }),
  );
});

test('threads share one room, and what a thread has taken can be given back for it', () => {
  const left = new Int32Array(new SharedArrayBuffer(4)).fill(10);
  const owns = [0, 1].map(() => new Int32Array(new SharedArrayBuffer(4)));
  const [one, other] = owns.map((own) => sharedPool(left, own)) as [
    ReturnType<typeof sharedPool>,
    ReturnType<typeof sharedPool>,
  ];
  assert.ok(one.take(6 * 1024) && !other.take(5 * 1024) && other.take(4 * 1024));
  one.give(6 * 1024);
  assert.equal([left[0], owns[0]?.[0], owns[1]?.[0]], [6, 0, 4]);
});

test('keys that are equal have the same hash, and keys spread over the parts', () => {
  assert.is(hashKey(0), hashKey(-0));
  assert.is(hashKey(Number.NaN), hashKey(Number.NaN));
  assert.not.equal(hashKey('1'), hashKey(1));
  assert.not.equal(hashKey(1n), hashKey(1));
  for (const key of [null, undefined, {}, [], () => 1, Symbol('s')])
    assert.throws(() => hashKey(key), /A key must be a string, a number, a bigint or a boolean/);
  for (const keys of [
    (n: number) => n,
    (n: number) => `word${n}`,
    (n: number) => n / 7,
    (n: number) => n * 1024,
  ]) {
    const counts = new Array<number>(16).fill(0);
    for (let n = 0; n < 16_000; n++)
      counts[partOf(keys(n), 16)] = (counts[partOf(keys(n), 16)] as number) + 1;
    for (const count of counts) assert.ok(count > 800 && count < 1200, `${counts}`);
  }
});

test('pairs that are gathered in memory and on disk give the same, in the order in which they came', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-test-'));
  let runs = 0;
  const gather = (pairs: readonly (readonly [number, string])[], combiner: Combiner, memoryBytes: number) => {
    const temporary = join(folder, `${runs++}`);
    const aggregation = new Aggregation({ combiner, memoryBytes, temporary });
    for (const [key, value] of pairs) aggregation.add(key, value);
    const entries = new Map(aggregation.entries());
    const { hasSpilled } = aggregation;
    aggregation.close();
    if (hasSpilled) assert.equal(readdirSync(temporary), []);
    return { entries, hasSpilled };
  };
  try {
    const concatenating = folding((a, b) => `${a}${b}`);
    const pairs = fc.array(fc.tuple(fc.nat(300), fc.string({ maxLength: 3 })), {
      minLength: 300,
      maxLength: 1500,
      size: 'max',
    });
    fc.assert(
      fc.property(pairs, (given) => {
        for (const combiner of [concatenating, listing as Combiner]) {
          const inMemory = gather(given, combiner, 1e9);
          const onDisk = gather(given, combiner, 1);
          assert.equal(onDisk.entries, inMemory.entries);
          assert.ok(onDisk.hasSpilled && !inMemory.hasSpilled);
        }
        const expected = new Map<number, string>();
        for (const [key, value] of given) expected.set(key, (expected.get(key) ?? '') + value);
        assert.equal(gather(given, concatenating, 1).entries, expected);
      }),
      { numRuns: 10 },
    );
    const one = Array.from({ length: 5_000 }, (_, n): [number, string] => [7, `value ${n}`]);
    assert.throws(() => gather(one, listing as Combiner, 10_000), /needs more than twice the 10000 bytes/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a broadcast value is read once, and not held any more when it is forgotten', () => {
  const values = new BroadcastValues();
  const sent = (value: unknown): SharedArrayBuffer => {
    const bytes = serialize(value);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    return shared;
  };
  const read = values.handle(7, sent([1])).value;
  assert.equal(read, [1]);
  assert.is(values.handle(7, sent([1])).value, read);
  values.forget(7);
  assert.throws(() => values.handle(7, undefined).value, /Broadcast 7 is not here/);
});

test.run();
