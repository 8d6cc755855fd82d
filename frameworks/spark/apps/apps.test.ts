/** The applications against direct computations in one process, while executors and nodes are lost. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { factorise } from '../../../workloads/alternatingLeastSquares.ts';
import { findCorpus } from '../../../workloads/corpus.ts';
import { readExamples, train } from '../../../workloads/logisticRegression.ts';
import { generateRatings, ratingLine } from '../../../workloads/ratings.ts';
import { SPAM_DIMENSIONS, spamExamples } from '../../../workloads/spamFeatures.ts';
import type { SparkSummary } from '../application.ts';
import type { SparkConfig } from '../config.ts';
import type { Main } from '../program/context.ts';
import { type TestNode, type TestSpark, testSpark } from '../testCluster.ts';
import { main as leastSquares } from './alternatingLeastSquares.ts';
import { main as regression, sha256 } from './logisticRegression.ts';
import { main as wordcount } from './wordcount.ts';

const test = suite<{ cluster: TestSpark; text: Buffer }>('spark applications');
/** Of so many e-mails one is an example here. */
const EVERY = 25;

test.before(async (context) => {
  const corpus = await findCorpus();
  const files = corpus.files.filter((_, n) => n % EVERY === 0);
  context.text = Buffer.concat(await Array.fromAsync(spamExamples({ ...corpus, files })));
  context.cluster = await testSpark({ nodes: 3, cpus: 1 });
});
test.after(async ({ cluster }) => cluster[Symbol.asyncDispose]());

function resultOf({ jobs, result }: SparkSummary): Record<string, unknown> {
  assert.is(jobs[0].message, undefined);
  return result as Record<string, unknown>;
}

/** Runs the regression on spam; something happens to a node in the middle. */
async function regress(
  { cluster, text }: { cluster: TestSpark; text: Buffer },
  name: string,
  harm: ((node: TestNode) => unknown) | undefined,
  config: Partial<SparkConfig> = {},
): Promise<void> {
  const blocks = await cluster.store(name, text.toString('latin1'), 150_000, 2);
  const training = { dimensions: SPAM_DIMENSIONS, iterations: 6, rate: 8, l2: 0.0001 };
  const victim = cluster.nodes[0] as TestNode;
  const main: Main = (context, args) =>
    regression(
      {
        ...context,
        textFile: (input) => context.textFile(input),
        broadcast: (value) => context.broadcast(value),
        now: () => context.now(),
        log: (line) => {
          if (line.startsWith('iteration 3:')) harm?.(victim);
        },
      } as typeof context,
      args,
    );
  const result = resultOf(
    await cluster.run(main, { inputs: { spam: blocks }, args: { input: 'spam', ...training }, ...config }),
  );
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { bytes } of blocks) {
    pieces.push(text.subarray(at, at + bytes));
    at += bytes;
  }
  const direct = train(
    pieces.map((piece) => readExamples(piece, SPAM_DIMENSIONS)),
    training,
  );
  assert.equal(result.losses, direct.losses);
  assert.is(result.weightsSha256, sha256(direct.weights));
  assert.ok((direct.losses.at(-1) as number) < 0.9 * (direct.losses[0] as number), `${direct.losses}`);
}

for (const mode of ['fine', 'coarse'] as const)
  test(`logistic regression on spam has the bits of the direct computation, ${mode}-grained`, (context) =>
    regress(context, `plain-${mode}`, undefined, { mode }));

test('so it has when an executor is killed in the middle', (context) =>
  regress(context, 'executor', (node) => node.killExecutors()));

test('alternating least squares has the bits of the direct computation', async ({ cluster }) => {
  const size = { users: 60, items: 40 };
  const ratings = [...generateRatings({ ...size, rank: 3, perUser: 15, noise: 0.05, seed: 1 })];
  const blocks = await cluster.store('ratings', `${ratings.map(ratingLine).join('\n')}\n`, 3_000, 2);
  const by = { rank: 3, lambda: 0.01, iterations: 3, seed: 4 };
  const direct = factorise(ratings, size, by);
  const args = { input: 'ratings', ...size, ...by, partitions: 5 };
  const result = resultOf(await cluster.run(leastSquares, { inputs: { ratings: blocks }, args }));
  assert.is(result.usersSha256, sha256(direct.users));
  assert.is(result.itemsSha256, sha256(direct.items));
  assert.ok(Math.abs((result.error as number) - (direct.errors.at(-1) as number)) < 1e-12);
});

test('words are counted as in one process', async ({ cluster, text }) => {
  const words = text.toString('latin1').match(/[a-z0-9]+/g) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const blocks = await cluster.store('words', text.toString('latin1'), 250_000, 2);
  const result = resultOf(
    await cluster.run(wordcount, { inputs: { words: blocks }, args: { input: 'words', top: 1e5 } }),
  );
  assert.is(result.different, counts.size);
  const told = result.top as { word: string; count: number }[];
  assert.equal(new Map(told.map(({ word, count }) => [word, count])), counts);
});

test('a node that is lost in the middle takes memory and map outputs with it, and the bits are the same', async (context) => {
  // The last test: the node does not come back.
  await regress(context, 'node', (node) => node.kill(), { localityWaitMs: 100 });
});

test.run();
