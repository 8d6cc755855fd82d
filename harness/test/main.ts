/**
 * `npm test`: runs the tests in two processes at once, since most of them wait for others most of the time. With a pattern, e.g.
 * `npm test -- infra/faults`, only those in files whose paths match it, in one.
 */
import { wallClock } from '../../infra/wallClock.ts';
import { startShard } from './shard.ts';

/** About equally long. */
const PARTS = ['^harness/.*\\.test\\.ts$', '^(?!harness/).*\\.test\\.ts$'];

const [pattern] = process.argv.slice(2);
const clock = wallClock();
const shards = (pattern === undefined ? PARTS : [`${pattern}.*\\.test\\.ts$`]).map(startShard);
const shown = { total: 0, passed: 0, skipped: 0 };
let hasPassed = true;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const shard of shards) shard.show();
    process.exitCode = 130;
  });
for (const shard of shards) {
  shard.show();
  const end = await shard.ended;
  hasPassed &&= end.hasPassed;
  shown.total += end.sums?.total ?? 0;
  shown.passed += end.sums?.passed ?? 0;
  shown.skipped += end.sums?.skipped ?? 0;
}
if (shards.length > 1)
  console.log(`
  All together, in ${clock.stop().wallSeconds.toFixed(0)} s
  Total:     ${shown.total}
  Passed:    ${shown.passed}
  Skipped:   ${shown.skipped}`);
if (shown.total === 0) console.error('no tests were run');
process.exitCode ??= hasPassed && shown.total > 0 ? 0 : 1;
