import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failed, found } from './testFound.ts';
import { theory } from './theory.ts';

for (const id of [
  'rigid-constant-k10-beta1',
  'rigid-exponential-k10-beta1',
  'elastic-constant-k10-beta1',
  'elastic-exponential-k10-beta1',
  'rigid-exponential-k10-of-100-beta0.2',
])
  test(`${id} is as the exact formulas say`, async () => {
    assert.equal(failed(await found(theory, id)), []);
  });

test('the waits of newcomers vary as they should, so that none of them depends on the one before', async () => {
  const one = await found(theory, 'rigid-constant-k1-beta1');
  const detail = one.checks.find(({ id }) => id === 'ramp-up-as-expected')?.detail ?? '';
  const [, deviation = '0', expected = '0'] = /deviation ([\d.]+) T, expected ([\d.]+) T/.exec(detail) ?? [];
  assert.ok(Math.abs(Number(deviation) / Number(expected) - 1) < 0.25, detail);
});

test('large tasks starve beside small ones unless nobody is offered less than they need', async () => {
  const share = async (minimum: number): Promise<number> =>
    (await found(theory, `minimum-offer-${minimum}`)).values['CPUs of large-tasks (%)'] ?? Number.NaN;
  assert.is(await share(1), 0);
  assert.ok((await share(4)) > 25);
});

test('no wait for short tasks where slots are kept for them, and tasks on these end at the limit', async () => {
  const waited = async (slots: string): Promise<number> => {
    const all = await found(theory, `short-slots-${slots}`);
    assert.equal(failed(all), []);
    return all.values['wait of short, mean (s)'] ?? Number.NaN;
  };
  assert.ok((await waited('none')) > 5);
  assert.ok((await waited('kept')) < 0.1);
});

test('waste reaches its bound, and does not pass it', async () => {
  const all = await found(theory, 'one-size-5.1');
  assert.equal(failed(all), []);
  assert.is(Math.round(all.values['CPUs not in use (%)'] ?? 0), 49);
});

test.run();
