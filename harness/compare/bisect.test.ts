import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bisect, type CommitVerdict } from './bisect.ts';

const commitsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `c${n}`);

test('it finds the first bad commit, wherever it is, and asks no more often than halving does', async () => {
  const where = fc
    .integer({ min: 1, max: 200 })
    .chain((count) => fc.record({ count: fc.constant(count), first: fc.nat(count - 1) }));
  await fc.assert(
    fc.asyncProperty(where, async ({ count, first }) => {
      let asked = 0;
      const commits = commitsOf(count);
      const found = await bisect(commits, async (commit) => {
        asked++;
        return commits.indexOf(commit) >= first ? 'bad' : 'good';
      });
      assert.equal(found, { is: 'found', first: `c${first}`, skipped: [] });
      assert.ok(asked <= Math.ceil(Math.log2(count + 1)), `${asked} for ${count}`);
    }),
  );
});

test('commits that cannot be run are passed over; those just before the one found are told', async () => {
  const verdicts: readonly CommitVerdict[] = ['good', 'good', 'good', 'skip', 'skip', 'bad', 'bad', 'bad'];
  const commits = commitsOf(verdicts.length);
  const found = await bisect(commits, async (commit) => verdicts[commits.indexOf(commit)] as CommitVerdict);
  assert.equal(found, { is: 'found', first: 'c5', skipped: ['c3', 'c4'] });
});

test('where it cannot be said, the search ends with what is left', async () => {
  const commits = commitsOf(9);
  const found = await bisect(commits, async (commit) => (commit === 'c2' ? 'unclear' : 'bad'));
  assert.equal(found, { is: 'unclear', at: 'c2', range: ['c0', 'c1', 'c2', 'c3', 'c4'] });
});

test('each answer is told, with the number of commits that are left', async () => {
  const told: string[] = [];
  const commits = commitsOf(8);
  await bisect(
    commits,
    async (commit) => (commits.indexOf(commit) < 6 ? 'good' : 'bad'),
    (commit, verdict, left) => told.push(`${commit} ${verdict} ${left}`),
  );
  assert.equal(told, ['c3 good 4', 'c5 good 2', 'c6 bad 1']);
});

test('one commit is found without asking', async () => {
  assert.equal(
    await bisect(['c'], async () => {
      throw new Error('it was asked');
    }),
    {
      is: 'found',
      first: 'c',
      skipped: [],
    },
  );
});

test.run();
