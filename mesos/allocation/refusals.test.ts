import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Refusals } from './refusals.ts';

const CPU = { cpus: 1 };

test('refusals of frameworks that are gone, or have run out, do not pile up', () => {
  const refusals = new Refusals();
  for (let n = 0; n < 10_000; n++) {
    const refuser = { revivals: 0 };
    refusals.refuse(refuser, CPU, {}, n % 2 === 0 ? n + 10 : Number.POSITIVE_INFINITY, n);
    refuser.revivals++;
  }
  assert.ok(refusals.size <= 64, `${refusals.size} are kept`);
});

test('refusals that hold are kept, however many', () => {
  const refusals = new Refusals();
  const refusers = Array.from({ length: 1_000 }, () => ({ revivals: 0 }));
  for (const refuser of refusers) refusals.refuse(refuser, CPU, {}, 1e9, 0);
  assert.ok(refusers.every((refuser) => refusals.covering(refuser, CPU, 1) !== undefined));
});

test.run();
