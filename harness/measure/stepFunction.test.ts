import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StepFunction, unite } from './stepFunction.ts';

/** Changes at whole milliseconds, so that the definition can be summed millisecond by millisecond. */
const changes = fc.array(fc.record({ atMs: fc.nat(50), delta: fc.integer({ min: -5, max: 5 }) }), {
  maxLength: 20,
});
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

function made(list: readonly { readonly atMs: number; readonly delta: number }[]): StepFunction {
  const step = new StepFunction();
  for (const { atMs, delta } of list) step.change(atMs, delta);
  return step;
}

test('means are those of the definition, summed millisecond by millisecond', () => {
  fc.assert(
    fc.property(changes, fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 13 }), (list, a, b, stepMs) => {
      const ordered = list.toSorted((x, y) => x.atMs - y.atMs);
      const valueAt = (ms: number): number =>
        ordered.filter((change) => change.atMs <= ms).reduce((sum, change) => sum + change.delta, 0);
      const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
      const means = made(ordered).means({ fromMs, toMs }, stepMs);
      assert.is(means.length, Math.ceil((toMs - fromMs) / stepMs));
      for (const [index, mean] of means.entries()) {
        let sum = 0;
        for (let ms = 0; ms < stepMs; ms++) sum += valueAt(fromMs + index * stepMs + ms);
        assert.ok(close(mean, sum / stepMs), `step ${index}: ${mean} against ${sum / stepMs}`);
      }
    }),
  );
});

test('the mean over a span is the mean of its means', () => {
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 10 }), (list, steps) => {
      const step = made(list.toSorted((x, y) => x.atMs - y.atMs));
      const span = { fromMs: 3, toMs: 3 + 4 * steps };
      const means = step.means(span, 4);
      return close(step.mean(span), means.reduce((sum, mean) => sum + mean, 0) / means.length);
    }),
  );
});

test('a clock that is set back stands still', () => {
  const step = new StepFunction();
  step.change(10, 2);
  step.change(5, 1);
  assert.equal(step.means({ fromMs: 0, toMs: 20 }, 10), [0, 3]);
});

test('ten tenths more and less leave nothing', () => {
  const step = new StepFunction();
  for (let i = 0; i < 10; i++) step.change(i, 0.1);
  for (let i = 0; i < 10; i++) step.change(i + 10, -0.1);
  assert.is(step.value, 0);
});

test('an empty span has no steps and the mean 0', () => {
  const step = made([{ atMs: 0, delta: 1 }]);
  assert.equal(step.means({ fromMs: 5, toMs: 5 }, 1), []);
  assert.is(step.mean({ fromMs: 5, toMs: 5 }), 0);
});

test('united spans cover the same milliseconds and do not touch', () => {
  const span = fc
    .tuple(fc.nat(40), fc.nat(10))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 10 }), (spans) => {
      const united = unite(spans);
      const covers = (list: typeof spans, ms: number): boolean =>
        list.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
      for (let ms = 0; ms < 60; ms++) assert.is(covers(united, ms), covers(spans, ms));
      for (const [index, { fromMs }] of united.entries())
        if (index > 0) assert.ok(fromMs > (united[index - 1]?.toMs ?? 0));
    }),
  );
});

test.run();
