import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { holm } from './holm.ts';

test('the smallest counts for all, the next for one less, and none is less than one before it', () => {
  assert.equal(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  assert.equal(holm([0.02]), [0.02]);
  assert.equal(holm([]), []);
});

test('it only raises, to 1 at most, and keeps the order', () => {
  const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
  fc.assert(
    fc.property(ps, (all) => {
      const corrected = holm(all);
      return corrected.every(
        (one, i) =>
          one >= (all[i] as number) &&
          one <= 1 &&
          corrected.every((other, j) => (all[i] as number) > (all[j] as number) || one <= other),
      );
    }),
  );
});

test('of ten figures in which nothing differs, one counts in at most 5 sessions of 100', () => {
  const random = seededRandom('holm');
  const sessions = 4000;
  let alarms = 0;
  for (let n = 0; n < sessions; n++)
    if (holm(Array.from({ length: 10 }, () => random.uniform())).some((p) => p <= 0.05)) alarms++;
  // Three standard errors above 5%.
  assert.ok(alarms <= sessions * 0.0604, `${alarms} of ${sessions}`);
});

test.run();
