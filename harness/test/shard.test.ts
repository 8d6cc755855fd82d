import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startShard, sumsOf } from './shard.ts';

test('sums are read from the end of what is written, in colour too', () => {
  const earlier = '  Total:     3\n  Passed:    3\n  Skipped:   0\n';
  const last =
    '\n  Total:     12\u001b[32m\n  Passed:    11\u001b[39m\n  Skipped:   1\n  Duration:  3.51ms\n';
  assert.equal(sumsOf(earlier + last), { total: 12, passed: 11, skipped: 1 });
  assert.is(sumsOf('• • \n'), undefined);
});

test('a part runs the tests in the files that its pattern names', async () => {
  const { sums, hasPassed } = await startShard('^harness/statistics/quantile\\.test\\.ts$').ended;
  assert.ok(hasPassed);
  assert.ok((sums?.passed ?? 0) > 0);
  assert.is(sums?.passed, sums?.total);
});

test('a part whose program cannot read its pattern has not passed', async () => {
  assert.equal(await startShard('(').ended, { sums: undefined, hasPassed: false });
});

test.run();
