import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProbeReport } from '../emulate/peerConfig.ts';
import { delayFindings } from './probeDelays.ts';

const probe = (delayMs: number): ProbeReport => ({
  ...{ outcome: 'finished', startMs: 0, delayMs },
  ...{
    begunMs: 1,
    linkedMs: 4,
    registeredMs: 10,
    offeredMs: 15,
    runningMs: 17,
    finishedMs: 10_000 + delayMs,
  },
});
const failed: ProbeReport = { outcome: 'failed', startMs: 0, reason: 'it was refused' };

test('delays of the long probes are samples, in seconds, and those that failed are none', () => {
  const { values, samples } = delayFindings([probe(20), failed, probe(40)], []);
  assert.equal(samples, { 'added delay (s)': [0.02, 0.04] });
  assert.is(values['added delay, mean (s)'], 0.03);
  assert.is(values['short probes'], 0);
});

const sumOf = (values: Readonly<Record<string, number>>, beginning: string): number =>
  Object.entries(values)
    .filter(([name]) => name.startsWith(beginning))
    .reduce((sum, [, part]) => sum + part, 0);

test('the parts of the delay add up to it', () => {
  const { values } = delayFindings([probe(20)], []);
  assert.is(sumOf(values, 'until '), 20);
});

test('so do the mean parts of short ones, whatever each of them waits for', () => {
  const { values } = delayFindings([], [probe(20), failed, probe(40), probe(90)]);
  assert.is(sumOf(values, 'short probes, until '), 50);
});

test('a percentile is told only if ten probes lie beyond it', () => {
  const told = (count: number): readonly number[] => {
    const { values } = delayFindings(
      [],
      Array.from({ length: count }, (_, n) => probe(n)),
    );
    const percents = Object.keys(values).map((name) => /, (\d+)th percentile/.exec(name)?.[1]);
    return percents.filter((percent) => percent !== undefined).map(Number);
  };
  assert.equal(told(19), []);
  assert.equal(told(20), [50]);
  assert.equal(told(300), [50, 90, 95]);
  assert.equal(told(1_000), [50, 90, 95, 99]);
});

test.run();
