import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scanTimes, staticFormula } from './scan.ts';
import { blockRead, jobFinished, jobSubmitted, writer } from './testHistory.ts';

const line = writer('scheduler');

test('the job time is the mean over the instances, and shorter with costlier remote reads if all were local', () => {
  const measure = scanTimes();
  for (const [instance, endMs] of [
    ['a', 300_000],
    ['b', 400_000],
  ] as const) {
    measure.observe(line(0, jobSubmitted(instance, 'scan', 0)));
    measure.observe(line(0, blockRead(instance, 'task', 'local')));
    measure.observe(line(endMs, jobFinished(instance, 'scan')));
  }
  const { values } = measure.result();
  assert.is(values['job time (s)'], 350);
  assert.ok((values['job time, remote reads 1.5× (s)'] as number) > 350);
  assert.ok((values['job time, remote reads 2.35× (s)'] as number) < 350);
});

test('the check of the formula fails if a static partition reads other blocks than it holds', () => {
  const measure = staticFormula();
  for (const where of ['local', 'remote'] as const) measure.observe(line(0, blockRead('a', 'task', where)));
  assert.is(measure.result().checks?.[0]?.verdict, 'failed');
});

test('the check of the formula passes at 18% of local maps', () => {
  const measure = staticFormula();
  for (let map = 0; map < 100; map += 1)
    measure.observe(line(map, blockRead('a', `map-${map}`, map < 18 ? 'local' : 'remote')));
  assert.is(measure.result().checks?.[0]?.verdict, 'passed');
});

test.run();
