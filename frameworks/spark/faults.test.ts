/** What executors and nodes had is lost in the middle: lineage makes it again, and every answer and sum is exact. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SparkConfig } from './config.ts';
import type { Main } from './program/context.ts';
import { type TestSpark, type TestSparkOptions, testSpark } from './testCluster.ts';
import { functions } from './testFunctions.ts';

const NUMBERS = Array.from({ length: 2000 }, (_, n) => n);
const SUM_BY_KEY = Array.from({ length: 50 }, (_, key) => [
  key,
  NUMBERS.filter((n) => n % 50 === key).reduce((a, b) => a + b),
]);

/** Sums by key, cached behind a shuffle, read again and again; in the middle something happens. */
const program =
  (harm: () => unknown): Main =>
  async (context) => {
    const seen = context.accumulator();
    const sums = context
      .parallelize(NUMBERS, 6)
      .map(functions.count, seen)
      .keyBy(functions.mod, 50)
      .reduceByKey(functions.add, 5)
      .cache();
    const rounds: unknown[] = [];
    for (let round = 0; round < 6; round++) {
      if (round === 2) await harm();
      rounds.push((await sums.mapValues(functions.plus, 0).collect()).sort(([a], [b]) => a - b));
    }
    return { rounds, seen: seen.value };
  };

async function run(
  harm: (cluster: TestSpark) => unknown,
  config: Partial<SparkConfig> = {},
  options: TestSparkOptions = { nodes: 3, cpus: 1 },
): Promise<TestSpark> {
  await using cluster = await testSpark(options);
  const { jobs, result } = await cluster.run(
    program(() => harm(cluster)),
    { localityWaitMs: 50, ...config },
  );
  assert.is(jobs[0].message, undefined);
  const { rounds, seen } = result as { rounds: readonly unknown[]; seen: number };
  for (const round of rounds) assert.equal(round, SUM_BY_KEY);
  // A map that runs again adds nothing a second time.
  assert.is(seen, NUMBERS.length);
  return cluster;
}

const mapsRun = ({ seen }: TestSpark): number =>
  seen('task-launched').filter(({ taskId }) => taskId.startsWith('1_')).length;

test('an executor that is lost takes its memory with it, but not its map outputs', async () => {
  const cluster = await run(({ nodes }) => nodes[0]?.killExecutors());
  assert.is(mapsRun(cluster), 6);
});

test('a node that is lost takes its map outputs with it: these maps run again, and no others', async () => {
  const cluster = await run(({ nodes }) => nodes[0]?.kill());
  assert.ok(mapsRun(cluster) > 6 && mapsRun(cluster) < 12, `${mapsRun(cluster)}`);
});

test('map outputs that cannot be fetched are made again, when what came of them is lost', async () => {
  for (const mode of ['fine', 'coarse'] as const) {
    const cluster = await run(
      ({ nodes }) => {
        const [victim, other] = nodes;
        rmSync(join(other?.dir as string, 'intermediate'), { recursive: true });
        victim?.killExecutors();
        other?.killExecutors();
      },
      { mode },
    );
    if (mode === 'fine') assert.ok(mapsRun(cluster) > 6 && mapsRun(cluster) < 12, `${mapsRun(cluster)}`);
  }
});

test('a file server that is out of reach is a fetch that failed, and its maps run elsewhere', async () => {
  await run(async ({ nodes }) => {
    await nodes[1]?.server.close();
    for (const node of nodes) node.killExecutors();
  });
});

for (const mode of ['fine', 'coarse'] as const)
  test(`the same on slaves of its own, without a master, ${mode}-grained`, async () => {
    await run(({ nodes }) => nodes[0]?.killExecutors(), { mode }, { nodes: 2, system: 'standalone' });
  });

test.run();
