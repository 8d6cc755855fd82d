import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mapReference, runReference } from '../../frameworks/hadoop/reference.ts';
import { sha256 } from '../../frameworks/spark/apps/logisticRegression.ts';
import { factorise } from '../../workloads/alternatingLeastSquares.ts';
import { findCorpus, readBlocks } from '../../workloads/corpus.ts';
import { generateRatings } from '../../workloads/ratings.ts';
import type { TextJob, TextMix } from '../../workloads/small.ts';
import { sha256 as sha256OfBytes } from './provenance.ts';
import { numbersReference, outputReferences } from './references.ts';

const NEVER = new AbortController().signal;
const DATA_SET = { blockBytes: 20_000, blocks: 3 };

function wordCount(id: string, firstBlock: number, reduces: number): TextJob {
  return {
    ...{ id, kind: 'word count', submission: { when: 'at', ms: 0 }, reduces },
    ...{ program: { type: 'wordcount' }, input: { firstBlock, blocks: 2 } },
  };
}

test('the outputs that a thread finds are those of the jobs, whichever of them are alike', async () => {
  const corpus = await findCorpus();
  const blocks = await Array.fromAsync(readBlocks(corpus, DATA_SET));
  const mixes: readonly TextMix[] = [
    { dataSet: DATA_SET, jobs: [wordCount('one', 1, 1), wordCount('two', 0, 2)] },
    { dataSet: DATA_SET, jobs: [wordCount('three', 1, 3), wordCount('four', 1, 1)] },
  ];
  const found = await outputReferences(corpus, mixes, NEVER);
  for (const [at, { jobs }] of mixes.entries())
    for (const [place, { program, input, reduces }] of jobs.entries()) {
      const text = blocks.slice(input.firstBlock, input.firstBlock + input.blocks);
      const parts = await runReference(program, text, reduces);
      const hashes = parts.map(({ name, bytes }) => [name, sha256OfBytes(bytes)]);
      assert.equal([...(found[at]?.[place] ?? [])], hashes);
    }
  const again = await outputReferences(corpus, mixes, AbortSignal.abort());
  assert.is(again[1]?.[1], found[0]?.[0]);
});

test('jobs that differ in their reduces alone have the same lines, in as many parts', async () => {
  const blocks = ['not this\n', 'a b a\n', 'c d e f a\n'].map((text) => Buffer.from(text));
  const partsOf = await mapReference({ type: 'wordcount' }, blocks);
  const three = partsOf(3);
  assert.equal(
    three.map(({ name }) => name),
    ['part-r-00000', 'part-r-00001', 'part-r-00002'],
  );
  const lines = three.flatMap(({ bytes }) => String(bytes).match(/.+\n/g) ?? []);
  assert.is(lines.toSorted().join(''), String(partsOf(1)[0]?.bytes));
});

test('the factors that a thread finds are those of the direct computation', async () => {
  const ratings = { users: 30, items: 20, rank: 2, perUser: 5, noise: 0.1, seed: 1 };
  const factoring = { rank: 2, lambda: 0.01 };
  const job = { ratings, factoring, iterations: 2 };
  const found = await numbersReference({ of: 'factors', job, seed: 7 }, NEVER);
  const direct = factorise([...generateRatings(ratings)], ratings, { ...factoring, iterations: 2, seed: 7 });
  assert.equal(found, { sha256: [sha256(direct.users), sha256(direct.items)], numbers: 100 });
});

test('what a thread throws is the reason', async () => {
  const program = { type: 'poisson', gridSize: -1, repeats: 1, tolerance: 1, iterationsMax: 1 } as const;
  const failure = await numbersReference({ of: 'solution', program }, NEVER).catch((error: Error) => error);
  assert.ok(failure instanceof Error);
  assert.not.match(failure.message, /ended with code/);
});

test('who is stopped waits for no thread', async () => {
  const reason = new Error('stopped');
  const program = {
    type: 'poisson',
    gridSize: 50,
    repeats: 1,
    tolerance: 1e-300,
    iterationsMax: 1e9,
  } as const;
  const failure = await numbersReference({ of: 'solution', program }, AbortSignal.abort(reason)).catch(
    (error: Error) => error,
  );
  assert.is(failure, reason);
});

test.run();
