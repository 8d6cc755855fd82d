import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noEffect } from './claim.ts';
import { MIX_CLAIMS } from './claims.ts';

test('every claim has an id and a label of its own', () => {
  assert.is(new Set(MIX_CLAIMS.map(({ id }) => id)).size, MIX_CLAIMS.length);
  assert.is(new Set(MIX_CLAIMS.map(({ label }) => label)).size, MIX_CLAIMS.length);
});

test('the direction is the side of no effect on which the value lies', () => {
  for (const { id, unit, value, direction } of MIX_CLAIMS) {
    const none = noEffect(unit);
    assert.is(direction, none === null ? undefined : value > none ? 'higher' : 'lower', id);
  }
});

test('no effect is never within the tolerance, but for the sum on which the paper contradicts itself', () => {
  const bad = MIX_CLAIMS.filter(({ id, unit, value, tolerance }) => {
    const none = noEffect(unit);
    return none !== null && Math.abs(value - none) <= tolerance && id !== 'mix-speed-up-torque';
  });
  assert.equal(
    bad.map(({ id }) => id),
    [],
  );
});

test('speed-ups by kind and speed-ups of sums agree within what the paper says of them', () => {
  // Table 5's are means of ratios, so they need not multiply out to Table 4's; the order must hold.
  const of = (id: string) => MIX_CLAIMS.find((claim) => claim.id === id)?.value ?? Number.NaN;
  assert.ok(of('mix-speed-up-large') > of('mix-speed-up-facebook'));
  assert.ok(of('mix-speed-up-facebook') > 1 && of('mix-speed-up-torque') < 1);
  for (const bin of [1, 2, 3]) assert.ok(of(`mix-speed-up-facebook-bin-${bin}`) < 1);
  for (const bin of [4, 5, 6, 7, 8]) assert.ok(of(`mix-speed-up-facebook-bin-${bin}`) > 1);
});

test('every claim names its caveat and where it stands', () => {
  for (const { id, caveat, where } of MIX_CLAIMS) {
    assert.match(where, /^(Table|Figure|§)/, id);
    assert.match(caveat, 'four frameworks', id);
  }
});

test.run();
