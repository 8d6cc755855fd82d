import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noiseOf } from './noise.ts';
import { normalNoise } from './testNoise.ts';

/** Blocks whose control differs from the base by so much, as a deviation. */
function controls(deviation: number, seed: string): readonly number[] {
  const draw = normalNoise(seed);
  return Array.from({ length: 400 }, () => deviation * draw());
}

test('the score is ten for each percent that the base differs from itself', () => {
  const one = noiseOf([controls(0.01, 'one')], []);
  assert.ok(Math.abs((one?.spread ?? 0) - 0.01) < 0.001, String(one?.spread));
  assert.is(one?.score, Math.round(1000 * (one?.spread ?? 0)));
  assert.equal(noiseOf([[0, 0, 0]], []), { score: 0, spread: 0, taken: null });
  assert.is(noiseOf([controls(0.5, 'wild')], [])?.score, 100);
});

test('single blocks that are far out do not make a machine noisy, and the figure in the middle counts', () => {
  const calm = controls(0.01, 'calm');
  const struck = calm.map((value, n) => (n % 10 === 0 ? 0.4 : value));
  assert.ok((noiseOf([struck], [])?.score ?? 0) < 15);
  assert.is(noiseOf([calm, calm, controls(0.3, 'one figure')], [])?.score, noiseOf([calm], [])?.score);
});

test('what others took is the mean of the blocks; with less than two blocks there is no score', () => {
  assert.is(noiseOf([[0.1, 0.2]], [0.2, 0.4])?.taken?.toFixed(6), '0.300000');
  assert.is(noiseOf([[0.1], []], [0.2]), null);
});

test.run();
