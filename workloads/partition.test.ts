import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MapReduceJob, Submission } from './jobs.ts';
import { drawLength, meanSecondsByBin, runOnPartition } from './partition.ts';
import { seededUniform, shuffled } from './random.ts';

const job = (
  id: string,
  maps: number,
  reduces: number,
  submission: Submission,
  setUpMs = 0,
): MapReduceJob => ({
  id,
  kind: 'text search',
  bin: 1,
  maps,
  reduces,
  submission,
  model: { setUpMs, mapMs: 1000, reduceMs: 500, cv: 0 },
});
const at = (ms: number): Submission => ({ when: 'at', ms });

test('a job alone takes its waves of maps, then of reduces, between the halves of its set-up', () => {
  const run = runOnPartition([job('a', 5, 3, at(100), 40)], { slots: 2, seed: 1 });
  assert.equal(
    run.spans.map((span) => [span.submittedMs, span.endedMs]),
    [[100, 100 + 20 + 3 * 1000 + 2 * 500 + 20]],
  );
  assert.is(run.busySlotMs, 5 * 1000 + 3 * 500);
});

test('a free slot goes to the job that runs the fewest tasks', () => {
  const run = runOnPartition([job('big', 8, 0, at(0)), job('small', 2, 0, at(500))], { slots: 4, seed: 1 });
  // At 1000 four slots are free: the small job gets two, the big one two of its four left; the rest at 2000.
  assert.equal(
    run.spans.map((span) => span.endedMs),
    [3000, 2000],
  );
  assert.is(meanSecondsByBin([run]).get(1), 2.25);
});

test('a job that waits for another starts after it and the delay', () => {
  const after: Submission = { when: 'after', jobId: 'a', delayMs: 250 };
  const run = runOnPartition([job('b', 1, 0, after), job('a', 1, 0, at(0))], { slots: 4, seed: 1 });
  assert.equal(
    run.spans.map((span) => [span.submittedMs, span.endedMs]),
    [
      [1250, 2250],
      [0, 1000],
    ],
  );
  assert.is(run.makespanMs, 2250);
});

test('a job that waits for one that does not exist is an error that names it', () => {
  const after: Submission = { when: 'after', jobId: 'nobody', delayMs: 0 };
  assert.throws(
    () => runOnPartition([job('a', 1, 0, after)], { slots: 1, seed: 1 }),
    (error: unknown) => error instanceof RangeError && error.message.includes("'a'"),
  );
});

test('drawn lengths have the mean and the spread asked for', () => {
  const uniform = seededUniform(5);
  const draws = Array.from({ length: 20_000 }, () => drawLength(1000, 0.3, uniform));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const deviation = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length);
  assert.ok(Math.abs(mean - 1000) < 10, `${mean}`);
  assert.ok(Math.abs(deviation - 300) < 10, `${deviation}`);
  assert.is(drawLength(1000, 0, uniform), 1000);
});

test('a shuffle keeps every item, and every order of three comes up equally often', () => {
  const uniform = seededUniform(9);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffled(['a', 'b', 'c'], uniform).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal([...counts.keys()].sort(), ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  for (const [order, count] of counts) assert.ok(Math.abs(count - 1000) < 150, `${order} ${count}`);
});

test.run();
