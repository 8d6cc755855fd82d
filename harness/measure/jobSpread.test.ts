import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { jobSpread } from './jobSpread.ts';
import { jobFinished, jobSubmitted, writer } from './testHistory.ts';

test('the best and the worst served framework are told, also one that was not served at all', () => {
  const scheduler = writer('f@f:1');
  const lines = [
    scheduler(0, jobSubmitted('a', '1', 0)),
    scheduler(0, jobSubmitted('b', '1', 0)),
    scheduler(1_000, jobFinished('a', '1')),
    scheduler(2_000, jobFinished('a', '2')),
    scheduler(3_000, jobFinished('a', '3')),
    scheduler(9_000, jobFinished('b', '1')),
  ];
  const of = (fromMs: number, toMs: number) => fold(lines, jobSpread({ fromMs, toMs })).values;
  assert.equal(of(2_000, 9_000), { 'fewest (jobs)': 0, 'most (jobs)': 2 });
  assert.equal(of(0, 10_000), { 'fewest (jobs)': 1, 'most (jobs)': 3 });
});

test('without jobs there is nothing to tell', () => {
  assert.equal(fold([], jobSpread({ fromMs: 0, toMs: 1 })).values, {});
});

test.run();
