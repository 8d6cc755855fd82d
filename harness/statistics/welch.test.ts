import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { studentQuantile975 } from './estimate.ts';
import { incompleteBeta, logGamma, studentTails, welchTest } from './welch.ts';

const close = (a: number, b: number, by = 1e-9): boolean => Math.abs(a - b) <= by * Math.max(1, Math.abs(b));

test('ln gamma of whole numbers is that of factorials, and of a half that of the root of pi', () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    assert.ok(close(logGamma(n), Math.log(factorial)), `${n}`);
    factorial *= n;
  }
  assert.ok(close(logGamma(0.5), Math.log(Math.sqrt(Math.PI))));
  assert.ok(close(logGamma(0.1), Math.log(9.51350769866873)));
});

test('the incomplete beta function: known values, and both sides together are 1', () => {
  assert.ok(close(incompleteBeta(0.5, 2, 2), 0.5));
  assert.ok(close(incompleteBeta(0.25, 1, 3), 1 - 0.75 ** 3));
  const shape = fc.double({ min: 0.5, max: 200, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), shape, shape, (x, a, b) =>
      close(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a), 1),
    ),
  );
});

test("tails of Student's t hold 5 % beyond its 97.5 % quantile", () => {
  for (const degrees of [1, 2, 5, 10, 30, 100])
    assert.ok(close(studentTails(studentQuantile975(degrees), degrees), 0.05, 2e-4), `${degrees}`);
});

test('a worked example: 3, 4, 5 against 7, 8, 9 and 10', () => {
  // By hand: t = 4.5 / sqrt(1/3 + 5/12) = 5.196, degrees 4.9592.
  assert.ok(close(welchTest([3, 4, 5], [7, 8, 9, 10]), studentTails(4.5 / Math.sqrt(0.75), 4.9592), 1e-4));
});

test('of samples that do not vary it is certain', () => {
  assert.is(welchTest([1, 1], [1, 1, 1]), 1);
  assert.is(welchTest([1, 1], [2, 2]), 0);
});

test('samples of the same distribution differ at 5 % about 5 times of 100', () => {
  const random = seededRandom('welch');
  const draw = (n: number) => Array.from({ length: n }, () => random.uniform() + random.uniform());
  let found = 0;
  for (let run = 0; run < 2000; run++) if (welchTest(draw(8), draw(14)) < 0.05) found++;
  assert.ok(found > 70 && found < 130, `${found} of 2000`);
});

test.run();
