import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bareInterval,
  count,
  duration,
  enumerate,
  exact,
  figures,
  grouped,
  interval,
  intervalName,
  percent,
  points,
  quantity,
  ratio,
  seconds,
  unbroken,
} from './words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('thousands have commas, decimals are fixed', () => {
  assert.is(grouped(1494), '1,494');
  assert.is(grouped(1234567.891, 2), '1,234,567.89');
  assert.is(grouped(999), '999');
  assert.is(grouped(-1234), '−1,234');
  assert.is(grouped(-0.001, 1), '0.0');
});

test('a number that is not known is a question mark', () => {
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(
      [grouped(none), figures(none), seconds(none), duration(none), ratio(none), percent(none)].map(plain),
      ['?', '?', '? s', '? s', '?×', '?%'],
    );
});

test('seconds show three figures', () => {
  assert.is(plain(seconds(0.4213)), '0.42 s');
  assert.is(plain(seconds(12.34)), '12.3 s');
  assert.is(plain(seconds(1494.4)), '1,494 s');
  assert.is(plain(seconds(0)), '0 s');
});

test('durations show their two largest units', () => {
  assert.is(plain(duration(8.2)), '8.20 s');
  assert.is(plain(duration(59.99)), '60.0 s');
  assert.is(plain(duration(725)), '12 min 5 s');
  assert.is(plain(duration(3599.7)), '1 h 0 min');
  assert.is(plain(duration(3 * 3600 + 200)), '3 h 3 min');
});

test('percentages, points and ratios carry their unit', () => {
  assert.is(percent(0.5734), '57.3%');
  assert.is(plain(points(0.115)), '+11.5 points');
  assert.is(plain(points(-0.02)), '−2.0 points');
  assert.is(plain(points(0.0001)), '0.0 points');
  assert.is(ratio(2.1), '2.10×');
  assert.is(plain(quantity(11.5, 'points')), '+11.5 points');
  assert.is(plain(quantity(5.5, 'jobs')), '5.50 jobs');
});

test('intervals leave the unit to the value', () => {
  const estimate = (low: number, high: number) => ({ value: 1, interval: [low, high] as const, n: 6 });
  assert.is(interval(estimate(1.1, 1.19), ratio), '[1.10, 1.19]');
  assert.is(interval(estimate(0.1, 0.2), percent), '[10.0, 20.0]');
  assert.is(interval(estimate(1000, 2000), seconds), '[1,000, 2,000]');
  assert.is(
    interval(estimate(9, 12), (value) => quantity(value, 'points')),
    '[+9.0, +12.0]',
  );
  assert.is(interval({ value: 1, interval: null, n: 2 }, ratio), '');
});

test('a number stays with its unit, and what is no unit moves on', () => {
  assert.is(
    unbroken('within 4 to 8 s; 2.0 points, 3 slots'),
    'within 4 to 8\u00a0s; 2.0\u00a0points, 3 slots',
  );
});

test('counts agree with their noun, and lists end in and', () => {
  assert.is(plain(count(1, 'job')), '1 job');
  assert.is(plain(count(1200, 'job')), '1,200 jobs');
  assert.is(plain(count(2, 'history', 'histories')), '2 histories');
  assert.is(enumerate([]), '');
  assert.is(enumerate(['a']), 'a');
  assert.is(enumerate(['a', 'b', 'c']), 'a, b and c');
});

test('a number with all its digits is never another one’s text', () => {
  assert.equal([0, 999, 12_340, -12_340.000_25, 0.1 + 0.2, 1e-9, 1e21, Number.NaN].map(exact), [
    '0',
    '999',
    '12,340',
    '−12,340.00025',
    '0.30000000000000004',
    '1e-9',
    '1e+21',
    '?',
  ]);
});

test('an interval of so few runs that it cannot be as sure as 95% says how sure it is, and a name of several spans them', () => {
  const of = (n: number) => ({ value: 1, interval: [0.5, 2] as const, n });
  assert.is(interval(of(6), ratio), '[0.50, 2.00]');
  assert.is(interval(of(4), ratio), '[0.50, 2.00; 87.5% sure]');
  assert.is(bareInterval(of(4), ratio), '[0.50, 2.00]');
  assert.is(intervalName([of(4), null, of(4)]), '87.5% interval');
  assert.is(intervalName([of(9), of(3)]), '75% to 95% interval');
});

test('where all runs gave the same, nobody is told how sure that is', () => {
  const of = (n: number) => ({ value: 2, interval: [2, 2] as const, n });
  assert.equal(
    [3, 8].map((n) => interval(of(n), ratio)),
    ['[all the same]', '[all the same]'],
  );
  assert.is(interval(of(1), ratio), '[for any seed]');
  assert.is(bareInterval(of(3), ratio), '');
  assert.is(intervalName([of(3), { interval: [1, 2], n: 4 }]), '87.5% interval');
  assert.is(intervalName([of(1)]), 'interval');
  // The ends of nine may be the same though the first and the last are not.
  assert.is(interval(of(9), ratio), '[2.00, 2.00]');
});

test.run();
