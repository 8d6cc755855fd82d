import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../frameworks/spark/apps/logisticRegression.ts';
import { factorise } from '../../workloads/alternatingLeastSquares.ts';
import { generateRatings } from '../../workloads/ratings.ts';
import type { TextJob } from '../../workloads/small.ts';
import { numericReference, textReference } from './references.ts';

const JOB: TextJob = {
  ...{ id: 'one', kind: 'word count', submission: { when: 'at', ms: 0 }, reduces: 1 },
  ...{ program: { type: 'wordcount' }, input: { firstBlock: 1, blocks: 1 } },
};
const BLOCKS = ['not this\n', 'a b a\n'].map((text) => Buffer.from(text));

test('jobs that are alike are computed once, others for themselves', async () => {
  const first = textReference(JOB, BLOCKS);
  assert.is(textReference({ ...JOB, id: 'two' }, BLOCKS), first);
  assert.is.not(textReference({ ...JOB, reduces: 2 }, BLOCKS), first);
  assert.is.not(textReference(JOB, [BLOCKS[0] as Buffer, Buffer.from('a b b\n')]), first);
  assert.match(String((await first)[0]?.bytes), /^a\t2\nb\t1\n$/);
});

test('jobs that differ in their reduces alone have the same lines, in as many parts', async () => {
  const blocks = [...BLOCKS, Buffer.from('c d e f a\n')];
  const job = { ...JOB, input: { firstBlock: 0, blocks: 3 } };
  const [one, three] = await Promise.all([1, 3].map((reduces) => textReference({ ...job, reduces }, blocks)));
  assert.equal(
    three?.map(({ name }) => name),
    ['part-r-00000', 'part-r-00001', 'part-r-00002'],
  );
  const lines = three?.flatMap(({ bytes }) => String(bytes).match(/.+\n/g) ?? []) ?? [];
  assert.is(lines.toSorted().join(''), String(one?.[0]?.bytes));
});

test('the factors that a thread finds are those of the direct computation', async () => {
  const ratings = { users: 30, items: 20, rank: 2, perUser: 5, noise: 0.1, seed: 1 };
  const factoring = { rank: 2, lambda: 0.01 };
  const found = await numericReference({
    of: 'factors',
    job: { ratings, factoring, iterations: 2 },
    seed: 7,
  });
  const direct = factorise([...generateRatings(ratings)], ratings, { ...factoring, iterations: 2, seed: 7 });
  assert.equal(found, { sha256: [sha256(direct.users), sha256(direct.items)], numbers: 100 });
});

test('what a thread throws is the reason', async () => {
  const program = { type: 'poisson', gridSize: -1, repeats: 1, tolerance: 1, iterationsMax: 1 } as const;
  const failure = await numericReference({ of: 'solution', program }).catch((error: Error) => error);
  assert.ok(failure instanceof Error);
  assert.not.match(failure.message, /ended with code/);
});

test.run();
