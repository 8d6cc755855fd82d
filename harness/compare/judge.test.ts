import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Block, TimedComparison } from '../comparison.ts';
import { BLOCKS_MIN, lookAt, plannedLooks } from '../statistics/spending.ts';
import { normalNoise } from '../statistics/testNoise.ts';
import { isClear, judge, type Seen, type TimedFigure, verdictOf } from './judge.ts';

const SEEN: Seen = {
  better: 'lower',
  blocks: 12,
  ratio: 1.05,
  bounds: [1.02, 1.08],
  control: 1.001,
  controlP: 1,
  looseControlP: 0.6,
  p: 0.001,
  threshold: 0.03,
  detectable: 0.02,
};
const verdict = (seen: Partial<Seen>) => verdictOf({ ...SEEN, ...seen })[0];

test('more of what should be low is worse, less is better, and the other way round for rates', () => {
  assert.is(verdict({}), 'worse');
  const less = { ratio: 0.95 };
  assert.is(verdict(less), 'better');
  assert.is(verdict({ better: 'higher' }), 'better');
  assert.is(verdict({ ...less, better: 'higher' }), 'worse');
});

test('where nobody says what is better, a change is no verdict', () => {
  const [verdict, why] = verdictOf({ ...SEEN, better: null });
  assert.is(verdict, 'inconclusive');
  assert.match(why, /\+5\.0%, but neither side says whether less or more is better/);
});

test('an effect needs evidence, a size that counts, and a control that stands still', () => {
  assert.is(verdict({ p: 0.06 }), 'no evidence');
  assert.is(verdict({ ratio: 1.02 }), 'no evidence');
  assert.is(verdict({ control: 0.96, controlP: 0.01 }), 'inconclusive');
  assert.is(verdict({ control: 0.96, controlP: 0.2 }), 'worse');
});

test('if there is a hint that the control moves, the effect must be larger by what counts', () => {
  const hint = { control: 0.97, looseControlP: 0.03 };
  assert.is(verdict(hint), 'inconclusive');
  assert.match(verdictOf({ ...SEEN, ...hint })[1], /the control may have moved by −3\.0%/);
  assert.is(verdict({ ...hint, ratio: 1.07 }), 'worse');
  // Where nothing is seen, a hint is none of an alarm.
  assert.is(verdict({ ...hint, ratio: 1.01, p: 0.5 }), 'no evidence');
});

test('beside an effect eleven times as large, a control that moved is no objection', () => {
  const moved = { control: 1.1, controlP: 0.01, looseControlP: 0.001 };
  assert.is(verdict({ ...moved, ratio: 16 }), 'worse');
  assert.match(
    verdictOf({ ...SEEN, ...moved, ratio: 16 })[1],
    /the control moved by \+10\.0%, which is little/,
  );
  assert.is(verdict({ ...moved, ratio: 2.8 }), 'inconclusive');
  assert.match(
    verdictOf({ ...SEEN, ...moved, ratio: 2.8 })[1],
    /\+180\.0%, but the control moved by \+10\.0%/,
  );
  assert.is(verdict({ ...moved, ratio: 16, p: 0.06 }), 'inconclusive');
});

test('a machine that strikes sides as wholes raises an alarm in 1 of 20 cases at most, however hard it strikes', () => {
  for (const strike of [0.02, 0.1, 0.5, 2]) {
    const draw = normalNoise(`strikes of ${strike}`);
    const times = 4000;
    let [moved, alarms] = [0, 0];
    for (let n = 0; n < times; n++) {
      const [base, head, control] = [strike * draw(), strike * draw(), strike * draw()];
      // All of it is seen for certain: a longer session would not help.
      const seen = { control: Math.exp(control - base), controlP: 0, looseControlP: 0, p: 0 };
      if (Math.abs(control - base) < Math.log1p(SEEN.threshold)) continue;
      moved++;
      if (verdict({ ...seen, ratio: Math.exp(head - (base + control) / 2) }) !== 'inconclusive') alarms++;
    }
    assert.ok(alarms <= 0.06 * moved, `${alarms} of ${moved} with ${strike}`);
    if (strike <= 0.1) assert.ok(alarms <= 0.002 * moved, `${alarms} of ${moved} with ${strike}`);
  }
});

test('without evidence it is inconclusive if what counts could not have been seen', () => {
  const none = { p: 0.6, ratio: 1.01 };
  assert.is(verdict(none), 'no evidence');
  assert.is(verdict({ ...none, detectable: 0.031 }), 'inconclusive');
  assert.is(verdict({ ...none, detectable: Number.POSITIVE_INFINITY }), 'inconclusive');
  assert.is(verdict({ ...none, detectable: 0.031, bounds: [0.98, 1.029] }), 'no evidence');
  assert.is(verdict({ blocks: BLOCKS_MIN - 1 }), 'inconclusive');
  assert.is(verdict({ control: null }), 'inconclusive');
});

test('the reason names what was seen, or what could have been', () => {
  assert.match(verdictOf(SEEN)[1], /\+5\.0%/);
  assert.match(verdictOf({ ...SEEN, p: 1 })[1], /\+2\.0% would have been seen/);
  const ruledOut = verdictOf({ ...SEEN, p: 1, ratio: 1, detectable: 0.035, bounds: [0.98, 1.02] });
  assert.match(ruledOut[1], /a change of \+3\.0% or more is ruled out/);
  assert.match(verdictOf({ ...SEEN, p: 1, detectable: 0.2 })[1], /only \+20\.0% or more.*\+3\.0% counts/);
});

const PACE = { budgetSeconds: 120, budgetSecondsPerBlock: 4, blocksMax: 60 };

/** A figure whose head is so much of its base, on a machine with such noise. */
function figure(ratio: number, spread: number, seed: string, blocksPlanned = 30): TimedFigure {
  const draw = normalNoise(seed);
  const value = (times: number): number => 5 * times * Math.exp(spread * draw());
  const blocks = Array.from({ length: blocksPlanned }, (_, n): Block => {
    const drift = 1 + n / 10;
    return { seed: n + 1, base: [value(drift)], head: [value(drift * ratio)], control: [value(drift)] };
  });
  const look = lookAt(blocksPlanned, plannedLooks(blocksPlanned));
  return { id: seed, unit: 's', better: 'lower', blocks, blocksPlanned, look, threshold: 0.03, pace: PACE };
}

test('5% is found through noise of 2% and any drift, and the base against itself raises no alarm', () => {
  for (let session = 0; session < 8; session++) {
    const figures = [
      ...['a', 'b', 'c'].map((name) => figure(1, 0.02, `${name} ${session}`)),
      figure(1.05, 0.02, `worse ${session}`),
    ];
    assert.equal(
      judge(figures).map((one) => one.verdict),
      ['no evidence', 'no evidence', 'no evidence', 'worse'],
      `session ${session}`,
    );
  }
});

test('what was too noisy says how many blocks would do, and that many do', () => {
  const short = { ...figure(1.02, 0.06, 'short', 12), pace: { ...PACE, blocksMax: 200 } };
  const [{ verdict, why, needed }] = judge([short]) as [TimedComparison];
  assert.is(verdict, 'inconclusive');
  if (needed?.budgetSeconds == null) throw new Error('it is not said what would do');
  assert.is(needed.budgetSeconds, 60 * Math.ceil((1.25 * 4 * needed.blocks) / 60));
  assert.match(why, `; about ${needed.blocks} blocks would do: give --budget ${needed.budgetSeconds / 60}m`);
  let decided = 0;
  for (let session = 0; session < 20; session++) {
    const [again] = judge([figure(1.02, 0.06, `long ${session}`, needed.blocks)], 10);
    if (again?.verdict !== 'inconclusive') decided++;
  }
  assert.ok(decided >= 14, `${decided} of 20`);
});

test('a large effect is said to take few blocks more, however noisy the machine, and that many show it', () => {
  let found = 0;
  for (let session = 0; session < 20; session++) {
    const short = judge(
      Array.from({ length: 4 }, (_, n) => figure(2, 0.1, `early ${n} ${session}`, 6)),
      10,
    );
    for (const { verdict, needed } of short) {
      assert.is(verdict, 'inconclusive');
      assert.ok((needed?.blocks ?? 60) <= 20, `${needed?.blocks} blocks`);
    }
    const blocks = short[0]?.needed?.blocks ?? 0;
    const again = judge(
      Array.from({ length: 4 }, (_, n) => figure(2, 0.1, `later ${n} ${session}`, blocks)),
      10,
    );
    found += again.filter(({ verdict }) => verdict === 'worse').length;
  }
  assert.ok(found >= 64, `${found} of 80`);
});

test('what no session is long enough for says so, and stored runs say nothing of budgets', () => {
  const [noisy] = judge([figure(1, 0.5, 'noisy', 12)]);
  assert.is(noisy?.needed?.budgetSeconds, null);
  assert.match(noisy?.why ?? '', /which is more than a session has: use a quieter machine/);
  const [stored] = judge([{ ...figure(1, 0.5, 'noisy', 12), pace: null }]);
  assert.is(stored?.needed, null);
});

test('what is clear early is found early: a tenth more, or nothing on a still machine, but not what is noisy', () => {
  const early = (whole: TimedFigure): TimedFigure => ({
    ...whole,
    blocks: whole.blocks.slice(0, 12),
    look: lookAt(12, plannedLooks(30)),
  });
  assert.ok(isClear(early(figure(1.1, 0.01, 'more')), 3));
  assert.ok(isClear(early(figure(1, 0.005, 'nothing')), 3));
  assert.not(isClear(early(figure(1, 0.1, 'noisy')), 3));
});

test.run();
