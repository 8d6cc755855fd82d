/** Driver programs from end to end: a master, slaves, file servers and executors with threads, in one process. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SparkSummary } from './application.ts';
import type { SparkConfig } from './config.ts';
import type { Main } from './program/context.ts';
import { type TestSpark, testSpark } from './testCluster.ts';
import { functions } from './testFunctions.ts';

const test = suite<{ cluster: TestSpark }>('spark');

test.before(async (context) => {
  context.cluster = await testSpark({ cpus: 1 });
});
test.after(async ({ cluster }) => {
  await cluster[Symbol.asyncDispose]();
});

/** Runs a driver program that must succeed; what it resolves to. */
async function resultOf(cluster: TestSpark, main: Main, config?: Partial<SparkConfig>): Promise<unknown> {
  return succeeded(await cluster.run(main, config));
}

function succeeded({ jobs, result }: SparkSummary): unknown {
  assert.is(jobs[0].message, undefined);
  assert.is(jobs[0].outcome, 'finished');
  return result;
}

/** Tasks wait for the slave that has their partition in memory. */
const PATIENT = { localityWaitMs: 60_000 };
const NUMBERS = Array.from({ length: 1000 }, (_, n) => n);

test('its board says what its tasks need of a slave, and their executor', async ({ cluster }) => {
  const { actions } = await cluster.run((context) => context.parallelize([1], 1).count());
  assert.equal(actions[0]?.needs, { slot: { cpus: 1 }, executor: { mem: 512 } });
});

for (const mode of ['fine', 'coarse'] as const)
  test(`transformations and actions give what they do in one process, ${mode}-grained`, async ({
    cluster,
  }) => {
    const main: Main = async (context) => {
      const numbers = context.parallelize(NUMBERS, 7);
      const pairs = context
        .parallelize(['a b', '', 'b c b', 'a'], 3)
        .flatMap(functions.words)
        .map(functions.pair);
      const counts = pairs.reduceByKey(functions.add, 5);
      const keyed = context.parallelize([1, 2, 3, 4], 2).keyBy(functions.mod, 2);
      return {
        collected: await numbers
          .map(functions.double)
          .filter(functions.isEven)
          .map(functions.plus, 1)
          .collect(),
        counted: await numbers.filter(functions.isEven).count(),
        reduced: await numbers.reduce(functions.add),
        taken: await numbers.map(functions.double).take(5),
        sums: await numbers.mapPartitions(functions.sumOf).collect(),
        inOrder: await context.parallelize(['x', 'y', 'z', 'w'], 4).reduce(functions.join),
        counts: (await counts.collect()).sort(),
        grouped: (await keyed.groupByKey().collect()).sort(),
        sizes: (await keyed.groupByKey(3).mapValues(functions.size).collect()).sort(),
        joined: (await counts.join(pairs.reduceByKey(functions.add, 5)).collect()).sort(),
        ofNone: await context.parallelize<number>([], 2).collect(),
      };
    };
    assert.equal(await resultOf(cluster, main, { mode }), {
      collected: NUMBERS.map((n) => 2 * n + 1),
      counted: 500,
      reduced: 499_500,
      taken: [0, 2, 4, 6, 8],
      sums: Array.from({ length: 7 }, (_, n) =>
        NUMBERS.slice(Math.floor((n * 1000) / 7), Math.floor(((n + 1) * 1000) / 7)).reduce((a, b) => a + b),
      ),
      inOrder: 'xyzw',
      counts: [
        ['a', 2],
        ['b', 3],
        ['c', 1],
      ],
      grouped: [
        [0, [2, 4]],
        [1, [1, 3]],
      ],
      sizes: [
        [0, 2],
        [1, 2],
      ],
      joined: [
        ['a', [2, 2]],
        ['b', [3, 3]],
        ['c', [1, 1]],
      ],
      ofNone: [],
    });
  });

test('nothing is left on the nodes, and nothing runs on', async ({ cluster }) => {
  for (const { dir } of cluster.nodes)
    for (const area of ['intermediate', 'unfinished'])
      assert.equal(existsSync(join(dir, area)) ? readdirSync(join(dir, area)) : [], []);
});

test('text is read by lines, from blocks and from files, whatever the cuts', async ({ cluster }) => {
  const lines = Array.from({ length: 3000 }, (_, n) => `${n} ${'x'.repeat(n % 37)}`);
  const text = `${lines.join('\n')}\n`;
  const blocks = await cluster.store('text', text, 5_000);
  const folder = mkdtempSync(join(tmpdir(), 'spark-test-'));
  const file = join(folder, 'long.txt');
  const long = Array.from({ length: 40_000 }, (_, n) => `${n} ${'y'.repeat(n % 91)}`);
  writeFileSync(file, long.join('\n'));
  try {
    const main: Main = async (context) => {
      const local = context.textFile(file, 9);
      return {
        blocks: await context.textFile(blocks).collect(),
        named: await context.textFile('input').count(),
        partitions: local.partitions,
        file: await local.collect(),
      };
    };
    const result = (await resultOf(cluster, main, { inputs: { input: blocks } })) as Awaited<
      ReturnType<typeof main>
    >;
    assert.ok(isDeepStrictEqual(result, { blocks: lines, named: 3000, partitions: 2, file: long }));
    assert.ok(cluster.seen('block-read').some(({ locality }) => locality === 'local'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a cached dataset is made once, stays, and is made anew when it is let go', async ({ cluster }) => {
  const main: Main = async (context) => {
    const made = context.accumulator();
    const numbers = context.parallelize(NUMBERS, 4).map(functions.count, made).cache();
    const seen: number[] = [];
    for (let round = 0; round < 3; round++) {
      await numbers.reduce(functions.add);
      seen.push(made.value);
    }
    numbers.unpersist();
    await numbers.count();
    return [...seen, made.value];
  };
  for (const mode of ['fine', 'coarse'] as const)
    assert.equal(await resultOf(cluster, main, { mode, ...PATIENT }), [1000, 1000, 1000, 2000]);
});

test('what does not fit into memory is made each time, and the answer is the same', async ({ cluster }) => {
  const main: Main = async (context) => {
    const made = context.accumulator();
    const rows = context
      .parallelize([1, 2, 3, 4], 4)
      .map(functions.count, made)
      .map(functions.large, 50_000)
      .cache();
    const sums: number[] = [];
    for (let round = 0; round < 3; round++) sums.push(await rows.map(functions.total).reduce(functions.add));
    return { sums, made: made.value };
  };
  // Room for two of four partitions of 400 kB on each of two executors, or for none.
  assert.equal(await resultOf(cluster, main, { cacheBytes: 100_000, ...PATIENT }), {
    sums: [500_000, 500_000, 500_000],
    made: 12,
  });
  assert.equal(await resultOf(cluster, main, { cacheBytes: 4_000_000, ...PATIENT }), {
    sums: [500_000, 500_000, 500_000],
    made: 4,
  });
});

test('broadcast values reach every executor, small ones with tasks and large ones by file servers', async ({
  cluster,
}) => {
  const main: Main = async (context) => {
    const small = context.broadcast({ 1: 'one', 2: 'two' });
    const large = context.broadcast(new Float64Array(100_000));
    const numbers = context.parallelize([1, 2, 3], 3);
    const answers = {
      names: await numbers.map(functions.look, small).collect(),
      sums: await numbers.map(functions.sumTable, large).collect(),
    };
    small.destroy();
    large.destroy();
    return answers;
  };
  const expected = { names: ['one', 'two', '?'], sums: [100_001, 100_002, 100_003] };
  for (const mode of ['fine', 'coarse'] as const)
    assert.equal(await resultOf(cluster, main, { mode }), expected);
});

test('results that are too large for a message go by file', async ({ cluster }) => {
  const main: Main = async (context) => {
    const rows = await context.parallelize([1, 2], 2).map(functions.large, 100_000).collect();
    return rows.map((row) => [row.length, row[0], row.at(-1)]);
  };
  assert.equal(await resultOf(cluster, main), [
    [100_000, 1, 1],
    [100_000, 2, 2],
  ]);
});

test('keys that need more memory than a task may hold go to disk, and every one is counted', async ({
  cluster,
}) => {
  const main: Main = async (context) => {
    const words = context.parallelize(NUMBERS, 3).map(functions.large, 1).map(functions.total);
    const pairs = words.keyBy(functions.plus, 0.5);
    return {
      reduced: (await pairs.mapValues(functions.double).reduceByKey(functions.add, 2).collect()).sort(
        ([a], [b]) => a - b,
      ),
      grouped: await pairs.groupByKey(2).count(),
      joined: await pairs.join(pairs, 2).count(),
    };
  };
  const expected = { reduced: NUMBERS.map((n) => [n + 0.5, 2 * n]), grouped: 1000, joined: 1000 };
  // A tenth of what the pairs take.
  assert.equal(await resultOf(cluster, main, { memoryPerTaskBytes: 8_000 }), expected);
});

test('a program fails with what went wrong in its functions, after four tries', async ({ cluster }) => {
  const messageOf = async (main: Main, config?: Partial<SparkConfig>): Promise<string> => {
    const { jobs } = await cluster.run(main, config);
    assert.is(jobs[0].outcome, 'failed');
    return jobs[0].message ?? '';
  };
  const numbers = (run: (context: Parameters<Main>[0]) => Promise<unknown>): Main => run;
  assert.match(
    await messageOf(numbers((context) => context.parallelize([1, 2, 3], 3).map(functions.fail).collect())),
    /collect: Partition 2 of dataset 1 \(result stage 0\) failed 4 times: at last on node\d: three is too many \(at .*testFunctions/,
  );
  assert.match(
    await messageOf(
      numbers((context) => context.parallelize([1]).keyBy(functions.badKey).groupByKey().count()),
    ),
    /A key must be a string, a number, a bigint or a boolean, not a value of type object\./,
  );
  assert.match(
    await messageOf(
      numbers((context) => context.parallelize([1]).map(functions.notAPair).groupByKey().count()),
    ),
    /A shuffle needs pairs/,
  );
  assert.match(
    await messageOf(numbers((context) => context.parallelize<number>([]).reduce(functions.add))),
    /reduce: the dataset is empty/,
  );
  assert.match(
    await messageOf(
      numbers((context) => context.parallelize([1, 2], 2).map(functions.large, 10_000).collect()),
      { resultBytesMax: 100_000 },
    ),
    /collect: the results have more than the 100000 bytes/,
  );
  assert.match(
    await messageOf(
      numbers((context) => context.parallelize([1, 2]).map(functions.large, 100_000).collect()),
      {
        nodes: {},
      },
    ),
    /names none for node\d/,
  );
});

test('what cannot be sent is refused when the dataset is built', async ({ cluster }) => {
  const main: Main = async (context) => {
    const numbers = context.parallelize([1, 2]);
    const messages: string[] = [];
    const note = (run: () => unknown): void => {
      try {
        run();
        messages.push('nothing');
      } catch (error) {
        messages.push(`${(error as Error).name}: ${(error as Error).message}`);
      }
    };
    const plain = ((n: number) => n) as unknown as typeof functions.double;
    note(() => numbers.map(plain));
    note(() => numbers.map(functions.plus, (() => 1) as unknown as number));
    note(() => numbers.map(functions.plus, 'x'.repeat(70_000) as unknown as number));
    note(() => context.parallelize([() => 1]));
    note(() => context.parallelize(['x'.repeat(600_000)]));
    note(() => context.parallelize([1], 0));
    note(() => context.textFile('/nowhere/at/all'));
    note(() => context.broadcast(() => 1));
    return messages;
  };
  const messages = (await resultOf(cluster, main)) as string[];
  const expected = [
    /^TypeError: map was given a function 'plain' that executors cannot find; put it into taskFunctions/,
    /^TypeError: Argument 1 of map\(plus\) cannot be sent to executors: .*could not be cloned\.$/,
    /^TypeError: Argument 1 of map\(plus\) has 7\d{4} bytes, more than 65536; broadcast it\.$/,
    /^TypeError: The values 0 to 1 of parallelize cannot be sent to executors/,
    /^TypeError: parallelize: 600\d{3} bytes in one partition/,
    /^RangeError: parallelize: the number of partitions must be from 1 to 100000, not 0\.$/,
    /^RangeError: textFile: '\/nowhere\/at\/all' is neither an input of the configuration \(there is none\) nor a file/,
    /^TypeError: A broadcast value cannot be sent to executors/,
  ];
  assert.is(messages.length, expected.length);
  for (const [at, pattern] of expected.entries()) assert.match(messages[at] as string, pattern);
});

test.run();
