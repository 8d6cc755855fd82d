import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allFindings } from './findings.ts';

const check = { id: 'a', claim: 'It holds.', verdict: 'passed', detail: '' } as const;

test('what several measures found is joined', () => {
  const all = allFindings([
    { values: { 'a (s)': 1 }, checks: [check] },
    { values: { 'b (s)': 2 }, curves: { c: { x: [1], y: [2] } } },
  ]);
  assert.equal(all, {
    values: { 'a (s)': 1, 'b (s)': 2 },
    curves: { c: { x: [1], y: [2] } },
    checks: [check],
  });
});

test('two measures that give the same name are a mistake', () => {
  assert.throws(() => allFindings([{ values: { a: 1 } }, { values: { a: 1 } }]), /two measures .* give 'a'/);
});

test.run();
