import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Estimate, Verdict } from '../../harness/result.ts';
import { noEffect, type PaperClaim, type Unit } from './claim.ts';
import { MACRO_CLAIMS } from './macro.ts';
import { judge } from './verdict.ts';

function claim(value: number, tolerance: number, unit: Unit = '×'): PaperClaim {
  const none = noEffect(unit);
  return {
    id: 'a-claim',
    label: 'a claim',
    claim: 'Something is so.',
    value,
    unit,
    where: 'Table 0',
    ...(none === null ? {} : { direction: value > none ? ('higher' as const) : ('lower' as const) }),
    tolerance,
    quantity: { of: 'framework-speed-up', framework: 'a' },
    caveat: '',
  };
}

const twice = claim(2.1, 0.3);
const ramp = claim(12, 4, 's');

function ours(value: number, low: number, high: number, n = 6): Estimate {
  return { value, interval: [low, high], n };
}

function verdictOf(paper: PaperClaim, mine: Estimate | null, limited: string | null = null): Verdict {
  return judge(paper, mine, limited).verdict;
}

test('without a number a claim was not run', () => {
  assert.is(verdictOf(twice, null), 'not run');
  assert.is(verdictOf(twice, null, 'the machine was busy'), 'not run');
});

test('a bottleneck in the harness outranks every number', () => {
  const { verdict, why } = judge(twice, ours(2.1, 2.05, 2.15), 'the machine was busy.');
  assert.is(verdict, 'harness-limited');
  assert.match(why, 'the machine was busy.');
});

test('of few runs a verdict stands only if an interval that is about 95% sure gives it too', () => {
  // By chance all of three values lie on one side of the true one in a quarter of all samples.
  const { verdict, why } = judge(ramp, ours(17, 16.5, 18, 3), null);
  assert.is(verdict, 'inconclusive');
  assert.match(why, 'too few to be sure: the true value may lie anywhere from 15.0 s to 19.5 s.');
  assert.is(verdictOf(ramp, ours(17, 16.5, 18, 4)), 'deviates');
  assert.is(verdictOf(ramp, ours(20, 19.5, 21, 3)), 'deviates', 'far enough away');
  assert.is(verdictOf(twice, ours(1.3, 1.1, 1.4, 3)), 'inconclusive', 'no effect is possible');
  assert.is(verdictOf(twice, ours(1.3, 1.1, 1.4, 6)), 'same direction');
  assert.is(verdictOf(twice, ours(2.1, 1.9, 2.3, 3)), 'inconclusive', 'wide');
  assert.is(verdictOf(twice, ours(2.1, 2.0, 2.15, 3)), 'reproduced');
});

test('one or two runs decide nothing, however near', () => {
  assert.is(verdictOf(twice, { value: 2.1, interval: null, n: 2 }), 'inconclusive');
  assert.is(verdictOf(twice, ours(2.1, 2.1, 2.1, 2)), 'inconclusive');
  assert.is(verdictOf(twice, { value: 2.1, interval: null, n: 9 }), 'inconclusive');
});

test('a number that is not finite decides nothing', () => {
  assert.is(verdictOf(twice, ours(Number.NaN, 1, 2)), 'inconclusive');
  assert.is(verdictOf(twice, ours(Number.POSITIVE_INFINITY, 1, 2)), 'inconclusive');
});

test('a value within the tolerance with a narrow interval is reproduced', () => {
  assert.is(verdictOf(twice, ours(1.9, 1.8, 2.0)), 'reproduced');
});

test('the edge of the tolerance belongs to it, whatever the rounding', () => {
  assert.is(verdictOf(claim(1.14, 0.1), ours(1.24, 1.2, 1.28)), 'reproduced');
  assert.is(verdictOf(twice, ours(1.8, 1.7, 1.9)), 'reproduced');
  assert.is(verdictOf(twice, ours(1.79, 1.7, 1.9)), 'same direction');
});

test('an interval wider than the tolerance on both sides is inconclusive, though near', () => {
  assert.is(verdictOf(twice, ours(2.1, 1.8, 2.4)), 'reproduced');
  assert.is(verdictOf(twice, ours(2.1, 1.7, 2.5)), 'inconclusive');
});

test('a near value is inconclusive if no effect is possible and the paper excludes it', () => {
  assert.is(verdictOf(claim(1.14, 0.08), ours(1.08, 0.99, 1.12)), 'inconclusive');
});

test('where the tolerance holds no effect, an interval around it is reproduced', () => {
  assert.is(verdictOf(claim(0.96, 0.08), ours(1, 0.99, 1.01)), 'reproduced');
});

test('further away on the same side is the same direction', () => {
  assert.is(verdictOf(twice, ours(1.4, 1.2, 1.6)), 'same direction');
  assert.is(verdictOf(twice, ours(3.5, 3.2, 3.9)), 'same direction');
  assert.is(verdictOf(claim(0.84, 0.1), ours(0.6, 0.5, 0.7)), 'same direction');
});

test('the other side of no effect deviates', () => {
  assert.is(verdictOf(twice, ours(0.8, 0.7, 0.9)), 'deviates');
  assert.is(verdictOf(claim(0.84, 0.1), ours(1.2, 1.1, 1.3)), 'deviates');
  assert.is(verdictOf(claim(11.5, 3, 'points'), ours(-4, -6, -2)), 'deviates');
});

test('an interval that contains no effect and is wide leaves the direction open', () => {
  assert.is(verdictOf(twice, ours(1.2, 0.9, 1.5)), 'inconclusive');
});

test('an interval tight around no effect deviates: there is none to speak of', () => {
  assert.is(verdictOf(twice, ours(1, 0.98, 1.02)), 'deviates');
  assert.is(verdictOf(claim(0.91, 0.05), ours(0.998, 0.996, 0.999)), 'deviates');
  assert.is(verdictOf(claim(0.91, 0.05), ours(0.975, 0.97, 0.98)), 'same direction');
});

test('an interval that reaches into the tolerance cannot exclude the paper', () => {
  assert.is(verdictOf(claim(0.96, 0.08), ours(1.06, 1.03, 1.09)), 'inconclusive');
});

test('a plain time has no direction', () => {
  assert.is(verdictOf(ramp, ours(14, 12, 16)), 'reproduced');
  assert.is(verdictOf(ramp, ours(17, 15, 19)), 'inconclusive');
  assert.is(verdictOf(ramp, ours(30, 28, 32)), 'deviates');
  assert.is(verdictOf(ramp, ours(0.8, 0.5, 1.5)), 'deviates');
});

test('a value that depends on nothing random is known from one run', () => {
  const settled = { ...claim(50, 2, '%'), deterministic: true };
  assert.is(verdictOf(settled, { value: 50.4, interval: [50.4, 50.4], n: 1 }), 'reproduced');
  assert.is(verdictOf(settled, { value: 60, interval: [60, 60], n: 1 }), 'deviates');
  assert.is(verdictOf(settled, { value: 50.4, interval: null, n: 1 }), 'inconclusive');
});

test('a bound is kept if the whole interval keeps it', () => {
  const second: PaperClaim = { ...claim(1, 0, 's'), bound: 'at-most' };
  assert.is(verdictOf(second, ours(0.02, 0.01, 0.03)), 'reproduced');
  assert.is(verdictOf(second, ours(0.9, 0.8, 1)), 'reproduced', 'the bound itself keeps it');
  assert.is(verdictOf(second, ours(0.9, 0.8, 1.1)), 'inconclusive');
  assert.is(verdictOf(second, ours(1.2, 1.1, 1.3)), 'deviates');
  assert.is(verdictOf(second, { value: 0.02, interval: null, n: 1 }), 'inconclusive');
  const local: PaperClaim = { ...claim(90, 0, '%'), bound: 'at-least' };
  assert.is(verdictOf(local, ours(95, 92, 98)), 'reproduced');
  assert.is(verdictOf(local, ours(95, 89, 98)), 'inconclusive');
  assert.is(verdictOf(local, ours(50, 40, 60)), 'deviates');
  assert.match(judge(local, ours(50, 40, 60), null).why, 'at least 90.0%: ours is 40.0 points beyond it');
});

test('percentages differ by points, and what is beyond the tolerance does not read like it', () => {
  const rare = claim(0.39, 0.2, '%');
  const { why } = judge(rare, ours(0.177, 0.15, 0.18), null);
  assert.is(why, '0.21 points from the paper’s value; tolerance ±0.2 points.');
  assert.match(judge(rare, ours(0.19, 0.19, 0.19), null).why, '0.2 points from the paper’s value');
  assert.match(judge(claim(51, 1, '%'), ours(51, 45, 55), null).why, 'is 10.0 points wide and');
});

test('beyond a bound, but on the paper’s side of no effect, is the same direction', () => {
  const faster: PaperClaim = { ...claim(1.5, 0.1), bound: 'at-least' };
  assert.is(verdictOf(faster, ours(1.45, 1.42, 1.5)), 'reproduced', 'the tolerance counts');
  assert.is(verdictOf(faster, ours(1.2, 1.1, 1.3)), 'same direction');
  assert.is(verdictOf(faster, ours(0.9, 0.8, 0.95)), 'deviates');
  assert.is(verdictOf(faster, ours(1.0, 0.9, 1.1)), 'deviates');
});

test('whatever the number: verdicts keep what they promise, and say why', () => {
  const claims = fc.constantFrom(...MACRO_CLAIMS.filter(({ bound }) => bound === undefined));
  const number = fc.double({ min: -20, max: 20, noNaN: true });
  const width = fc.double({ min: 0, max: 10, noNaN: true });
  fc.assert(
    fc.property(claims, number, width, width, (paper, value, below, above) => {
      const interval = [value - below, value + above] as const;
      const { verdict, why } = judge(paper, { value, interval, n: 5 }, null);
      const near = Math.abs(value - paper.value) <= paper.tolerance + 1e-9;
      const none = noEffect(paper.unit);
      if (verdict === 'reproduced') assert.ok(near);
      if (verdict === 'same direction') {
        assert.ok(none !== null && !near);
        assert.ok(paper.direction === 'higher' ? interval[0] > none : interval[1] < none);
      }
      if (verdict === 'deviates') assert.not(near);
      assert.match(why, /^[^a-z].*\.$/);
    }),
    { numRuns: 2000 },
  );
});

test.run();
