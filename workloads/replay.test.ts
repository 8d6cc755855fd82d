import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { swfReplay, swimReplay } from './replay.ts';
import { scanJob } from './scan.ts';

const CLUSTER = { slaves: 16, slotsPerSlave: 4 };
const GIB = 2 ** 30;
const swim = (id: string, submitS: number, inputGiB: number, shuffleGiB = 0) => ({
  id,
  submitS,
  inputBytes: inputGiB * GIB,
  shuffleBytes: shuffleGiB * GIB,
  outputBytes: 0,
});

test('a map reads 128 MiB as fast as a local one of the paper’s scan, and a reduce takes up to 1 GiB', () => {
  const { parts } = swimReplay([swim('a', 0, 0), swim('b', 100, 2, 1.5)], CLUSTER);
  const [small, large] = parts.map(({ jobs }) => jobs[0]);
  assert.equal([small?.maps, small?.reduces, small?.model.mapMs], [1, 0, 2_000]);
  assert.equal([large?.maps, large?.reduces, large?.model.mapMs], [16, 2, scanJob().model.mapMs]);
  assert.ok(Math.abs((large?.model.reduceMs ?? 0) - 6 * scanJob().model.mapMs) < 2);
});

test('maps that write more than they read are as many as what they write needs, and so are reduces', () => {
  const [writes, reduces] = [
    { ...swim('a', 0, 0), outputBytes: GIB },
    { ...swim('b', 0, 1, 0.5), outputBytes: 2 * GIB },
  ];
  const { parts } = swimReplay([writes, reduces], CLUSTER);
  assert.equal(
    parts.flatMap(({ jobs }) => jobs.map((job) => [job.maps, job.reduces])),
    [
      [8, 0],
      [8, 3],
    ],
  );
});

test('gaps are scaled by one factor, so that half of the slots would be busy', () => {
  const trace = [swim('a', 1_000, 8), swim('b', 3_000, 8), swim('c', 9_000, 8)];
  const { parts, rules } = swimReplay(trace, CLUSTER);
  const times = parts.flatMap(({ jobs }) =>
    jobs.map(({ submission }) => (submission.when === 'at' ? submission.ms : -1)),
  );
  const workMs = 3 * 64 * scanJob().model.mapMs;
  assert.is(times[0], 0);
  assert.ok(Math.abs((times[2] ?? 0) - workMs / 32) < 2, `${times[2]}`);
  assert.ok(Math.abs((times[2] ?? 0) / (times[1] ?? 1) - 4) < 0.001);
  assert.is(rules['time runs faster by'], Number((8_000_000 / (workMs / 32)).toPrecision(3)));
});

test('a trace of too many tasks has its bytes cut, and says so', () => {
  const { rules } = swimReplay([swim('a', 0, 40_000), swim('b', 60, 40_000)], CLUSTER);
  assert.is(rules['bytes kept (%)'], 46.9);
  assert.ok(Math.abs(Number(rules.tasks) - 300_000) <= 2);
});

test('partitions are in proportion to the work, but at least an eighth', () => {
  const { parts } = swimReplay([swim('a', 0, 0), swim('b', 60, 100)], CLUSTER);
  assert.equal(
    parts.map(({ name, partition }) => [name, partition]),
    [
      ['small-jobs', 2],
      ['large-jobs', 14],
    ],
  );
});

test('a trace of one kind of job has one framework with all slaves', () => {
  const { parts } = swimReplay([swim('a', 0, 0)], CLUSTER);
  assert.equal(
    parts.map(({ partition }) => partition),
    [16],
  );
  assert.equal(parts[0]?.jobs[0]?.submission, { when: 'at', ms: 0 });
});

const swf = (id: string, submitS: number, runS: number, processors: number) => ({
  id,
  submitS,
  runS,
  processors,
});

test('processors of a larger machine become fewer ranks, so that the widest job fits beside the smallest partition', () => {
  const jobs = [swf('1', 0, 100, 1), swf('2', 10, 100, 512), swf('3', 20, 100, 100)];
  const { parts, rules } = swfReplay({ jobs, skipped: 2, processors: 448 }, CLUSTER);
  assert.is(rules['processors of the machine'], 512);
  assert.is(rules['jobs in the trace'], 5);
  assert.equal(
    parts.map(({ jobs: own }) => own.map(({ ranks }) => ranks)),
    [[1], [56, 11]],
  );
  assert.equal(
    parts.map(({ partition }) => partition),
    [2, 14],
  );
});

test('ranks of a smaller machine are its processors, and run as long as they did', () => {
  const { parts } = swfReplay({ jobs: [swf('1', 0, 60.5, 3)], skipped: 0, processors: undefined }, CLUSTER);
  assert.is(parts[0]?.jobs[0]?.ranks, 3);
  assert.equal(parts[0]?.jobs[0]?.model, { workMs: 60_500, cv: 0 });
});

test.run();
