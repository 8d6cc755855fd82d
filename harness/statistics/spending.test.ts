import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { signedRankP } from './signedRank.ts';
import { ALPHA, BLOCKS_MIN, lookAt, plannedLooks, sessionP } from './spending.ts';
import { burstNoise, normalNoise } from './testNoise.ts';

test('the looks spend the whole chance of a false alarm, and no more', () => {
  for (const blocksMax of [6, 7, 9, 13, 30, 64]) {
    const looks = plannedLooks(blocksMax);
    assert.is(looks.at(-1)?.blocks, blocksMax);
    assert.ok(looks.every(({ blocks, alpha }) => blocks >= BLOCKS_MIN && alpha > 0));
    assert.ok(Math.abs(looks.reduce((sum, { alpha }) => sum + alpha, 0) - ALPHA) < 1e-12);
  }
  assert.throws(() => plannedLooks(5), /6 at least/);
});

test('when time is out, the last look has what is left', () => {
  const looks = plannedLooks(30);
  assert.equal(lookAt(21, looks), looks[2]);
  const last = lookAt(25, looks);
  assert.ok(Math.abs((last?.alpha ?? 0) - (looks[3]?.alpha ?? 0)) < 1e-12);
  assert.is(lookAt(5, looks), undefined);
});

test('a p-value on the scale of the session counts exactly if it counts at its look', () => {
  const look = { blocks: 10, alpha: 0.005 };
  assert.is(sessionP(0.005, look), ALPHA);
  assert.ok(sessionP(0.0051, look) > ALPHA);
  assert.is(sessionP(0.9, look), 1);
});

/** How many of so many sessions end with an alarm, if each block differs by `shift` and noise. */
function alarms(sessions: number, draw: () => number, shift = 0): number {
  const looks = plannedLooks(24);
  let count = 0;
  for (let n = 0; n < sessions; n++) {
    const blocks = Array.from({ length: 24 }, () => shift + draw() - draw());
    if (looks.some((look) => sessionP(signedRankP(blocks.slice(0, look.blocks)), look) <= ALPHA)) count++;
  }
  return count;
}

test('a version against itself raises an alarm in at most 5 sessions of 100, however noisy the machine', () => {
  // Three standard errors above 5%.
  const sessions = 2000;
  assert.ok(alarms(sessions, normalNoise('calm')) <= 0.0646 * sessions);
  assert.ok(alarms(sessions, burstNoise('bursts')) <= 0.0646 * sessions);
});

test('what differs by twice the noise is found in every session', () => {
  assert.is(alarms(200, normalNoise('large'), 2 * Math.SQRT2), 200);
});

test.run();
