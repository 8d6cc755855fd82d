import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noEffect } from './claim.ts';
import { MACRO_CLAIMS } from './macro.ts';

test('every claim has an id and a label of its own', () => {
  assert.is(new Set(MACRO_CLAIMS.map(({ id }) => id)).size, MACRO_CLAIMS.length);
  assert.is(new Set(MACRO_CLAIMS.map(({ label }) => label)).size, MACRO_CLAIMS.length);
});

test('the direction is the side of no effect on which the value lies', () => {
  for (const { id, unit, value, direction } of MACRO_CLAIMS) {
    const none = noEffect(unit);
    assert.is(direction, none === null ? undefined : value > none ? 'higher' : 'lower', id);
  }
});

test('no effect is never within the tolerance, but for the sum on which the paper contradicts itself', () => {
  const bad = MACRO_CLAIMS.filter(({ id, unit, value, tolerance }) => {
    const none = noEffect(unit);
    return none !== null && Math.abs(value - none) <= tolerance && id !== 'macro-speed-up-torque';
  });
  assert.equal(
    bad.map(({ id }) => id),
    [],
  );
});

test('speed-ups by kind and speed-ups of sums agree within what the paper says of them', () => {
  // Table 5's are means of ratios, so they need not multiply out to Table 4's; the order must hold.
  const of = (id: string) => MACRO_CLAIMS.find((claim) => claim.id === id)?.value ?? Number.NaN;
  assert.ok(of('macro-speed-up-large') > of('macro-speed-up-facebook'));
  assert.ok(of('macro-speed-up-facebook') > 1 && of('macro-speed-up-torque') < 1);
  for (const bin of [1, 2, 3]) assert.ok(of(`macro-speed-up-facebook-bin-${bin}`) < 1);
  for (const bin of [4, 5, 6, 7, 8]) assert.ok(of(`macro-speed-up-facebook-bin-${bin}`) > 1);
});

test('every claim names its caveat and where it stands', () => {
  for (const { id, caveat, where } of MACRO_CLAIMS) {
    assert.match(where, /^(Table|Figure|§)/, id);
    assert.match(caveat, 'static partitions only', id);
  }
});

test.run();
