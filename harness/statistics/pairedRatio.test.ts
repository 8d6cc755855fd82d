import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logRatio, pairedRatio } from './pairedRatio.ts';
import { normalNoise } from './testNoise.ts';

test('what drifts evenly over a block cancels in an order that reads the same backwards', () => {
  const drifting = (times: readonly number[], value: number) => times.map((time) => value * 1.1 ** time);
  const ratio = Math.exp(logRatio(drifting([0, 5], 10), drifting([1, 4], 12)));
  assert.ok(Math.abs(ratio - 1.2) < 1e-12);
});

test('the other way round it is the inverse, to the end of the interval', () => {
  const logs = [0.01, 0.02, 0.05, 0.03, 0.02, 0.04, 0.01];
  const ratio = pairedRatio(logs, 'same');
  const inverse = pairedRatio(
    logs.map((one) => -one),
    'same',
  );
  assert.ok(Math.abs(ratio.value * inverse.value - 1) < 1e-12);
  assert.ok(Math.abs(ratio.interval[0] * inverse.interval[1] - 1) < 0.01);
  assert.ok(ratio.interval[0] <= ratio.value && ratio.value <= ratio.interval[1]);
});

test('the interval holds the true ratio about 95 times of 100', () => {
  const draw = normalNoise('coverage');
  let held = 0;
  for (let run = 0; run < 200; run++) {
    const logs = Array.from({ length: 12 }, () => Math.log(1.05) + 0.03 * draw());
    const [low, high] = pairedRatio(logs, String(run)).interval;
    if (low <= 1.05 && 1.05 <= high) held++;
  }
  // Intervals by resampling are a little short: 90 to 99 of 100.
  assert.ok(held >= 180 && held <= 198, `${held} of 200`);
});

test('what is not positive has no ratio', () => {
  assert.throws(() => logRatio([1, 0], [1, 1]), /greater than 0/);
});

test.run();
