import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fixedCostOf, overheadOf, pairOrder, unsteadyValues, whyDisturbed } from './overhead.ts';

test('pairs begin in turn with either way, so that a drift is on both sides alike', () => {
  assert.equal(pairOrder(2, 'mesos'), [
    ['mesos', 'alone'],
    ['alone', 'mesos'],
  ]);
  assert.equal(pairOrder(1, 'alone'), [['alone', 'mesos']]);
});

const pair = (onS: number, withoutS: number, cpuSeconds: number | null = 1) => ({
  mesos: {
    seconds: onS,
    cpuSeconds: cpuSeconds && 1.5 * cpuSeconds,
    daemonCpuSeconds: cpuSeconds && 0.25 * cpuSeconds,
  },
  alone: { seconds: withoutS, cpuSeconds, daemonCpuSeconds: cpuSeconds && 0.125 * cpuSeconds },
});

test('overheads are those of pairs, of which the median counts: one that was disturbed does not', () => {
  const { values, samples } = overheadOf('job', [pair(11, 10), pair(30, 10), pair(12, 10)]);
  assert.equal(samples['job overhead (%)']?.map(Math.round), [10, 200, 20]);
  assert.is(Math.round(values['job overhead (%)'] ?? 0), 20);
  assert.is(values['job on Mesos (s)'], 12);
  assert.is(values['job overhead, processors (%)'], 50);
});

test('what the daemons take is a part of what the rest of the run takes', () => {
  const { values, samples } = overheadOf('job', [pair(1, 1), pair(9, 1, 4)]);
  assert.equal(samples['job, taken by the daemons of Mesos (%)'], [20, 20]);
  assert.is(values['job, taken by the daemons of Mesos (%)'], 20);
});

test('a machine that others use much is said to be, and one that only the runs keep busy is not', () => {
  const runs = [pair(1, 1, 8).alone, pair(1, 1, 8).alone];
  assert.match(whyDisturbed(runs, { processorSeconds: 40, cpuBusy: 0.9 }) ?? '', /^Others used 50%/);
  assert.is(whyDisturbed(runs, { processorSeconds: 40, cpuBusy: 0.45 }), undefined);
});

test('pairs that differ in processor time by more than Mesos could cost tell of the machine, and are said to', () => {
  const ofProcessors = (onS: number, withoutS: number) => ({
    mesos: { seconds: 1, cpuSeconds: onS, daemonCpuSeconds: 0 },
    alone: { seconds: 1, cpuSeconds: withoutS, daemonCpuSeconds: 0 },
  });
  // A drift that both of a pair feel is no matter.
  const steady = [ofProcessors(102, 100), ofProcessors(140, 150), ofProcessors(202, 200)];
  assert.equal(unsteadyValues('job', steady), {});
  const unsteady = unsteadyValues('job', [...steady, ofProcessors(82, 100)]);
  assert.match(
    unsteady['job overhead (%)'] ?? '',
    /^On Mesos job took 18% less processor time in one pair of runs and 2% more in another, /,
  );
  assert.ok('job overhead, processors (%)' in unsteady);
  // What the daemons took is counted in each run, and no difference of two.
  assert.not.ok('job, taken by the daemons of Mesos (%)' in unsteady);
  assert.equal(unsteadyValues('job', [pair(1, 1, null), pair(2, 1, null)]), {});
});

test('one pair of several that was disturbed says nothing against the others, two do', () => {
  const pairs = (...percents: readonly number[]): ReturnType<typeof pair>[] =>
    percents.map((percent) => {
      const one = pair(1, 1, 100);
      return { ...one, mesos: { ...one.mesos, cpuSeconds: 100 + percent } };
    });
  assert.equal(unsteadyValues('job', pairs(1, 2, -30, 3, 2)), {});
  assert.equal(unsteadyValues('job', pairs(1, 2, -30, 3, 40)), {});
  assert.ok('job overhead (%)' in unsteadyValues('job', pairs(1, 2, -30, 3, -20)));
});

test('the fixed cost is what a pair differs by', () => {
  const { values, samples } = fixedCostOf([pair(1.5, 1, 2), pair(1.25, 1, 2), pair(1.125, 1, 2)]);
  assert.equal(samples['fixed cost (ms)'], [500, 250, 125]);
  assert.equal(values, { 'fixed cost (ms)': 250, 'fixed cost, processors (ms)': 1000 });
});

test('nothing is said of processor time where it cannot be told', () => {
  const { values, samples } = overheadOf('job', [pair(11, 10, null)]);
  assert.equal(Object.keys(samples), ['job overhead (%)']);
  assert.not.ok('job overhead, processors (%)' in values);
});

test.run();
