import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  add,
  common,
  contains,
  dominantShare,
  format,
  isEmpty,
  parse,
  ResourcesSchema,
  subtract,
  sum,
  timesContained,
} from './resources.ts';

const quantities = fc
  .dictionary(fc.constantFrom('cpus', 'mem', 'disk'), fc.integer({ min: 0, max: 1e9 }))
  .map((entries) =>
    Object.fromEntries(Object.entries(entries).map(([name, thousandths]) => [name, thousandths / 1000])),
  );

test('what was added can be taken away again, and nothing else is left', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const rest = subtract(add(a, b), b);
      assert.ok(contains(rest, a) && contains(a, rest));
    }),
  );
});

test('ten tenths of a CPU are a CPU', () => {
  let left = parse('cpus:1');
  for (let n = 0; n < 10; n++) left = subtract(left, { cpus: 0.1 });
  assert.ok(isEmpty(left));
});

test('taking away more than there is, or what is not there at all, is refused', () => {
  assert.throws(() => subtract({ cpus: 1 }, { cpus: 2 }), /not contained/);
  assert.throws(() => subtract({ cpus: 1 }, { mem: 1 }), /not contained/);
});

test('a sum contains each of its parts', () => {
  fc.assert(
    fc.property(fc.array(quantities), (parts) => {
      const whole = sum(parts);
      for (const part of parts) assert.ok(contains(whole, part));
    }),
  );
});

test('what two have in common is in both, and what is left of them has nothing in common', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const both = common(a, b);
      assert.ok(isEmpty(common(subtract(a, both), subtract(b, both))));
    }),
  );
});

test('the dominant share is the largest of the shares', () => {
  assert.is(dominantShare({ cpus: 2, mem: 8 }, { cpus: 9, mem: 18 }), 8 / 18);
  assert.is(dominantShare({ cpus: 6, mem: 2 }, { cpus: 9, mem: 18 }), 6 / 9);
  assert.is(dominantShare({ gpus: 1 }, { cpus: 9 }), 0);
});

test('slots are counted by the scarcest resource', () => {
  assert.is(timesContained(parse('cpus:4;mem:4096'), parse('cpus:1;mem:1024')), 4);
  assert.is(timesContained(parse('cpus:4;mem:3000'), parse('cpus:1;mem:1024')), 2);
  assert.is(timesContained(parse('cpus:0.3'), parse('cpus:0.1')), 3);
  assert.is(timesContained(parse('cpus:4'), parse('gpus:1')), 0);
});

test('what is written can be read', () => {
  fc.assert(
    fc.property(
      quantities.filter((resources) => !isEmpty(resources)),
      (resources) => assert.equal(parse(format(resources)), resources),
    ),
  );
});

test('a peer cannot send a resource that every object seems to have', () => {
  assert.ok(v.is(ResourcesSchema, { cpus: 1, mem: 0 }));
  for (const text of ['{"constructor":1}', '{"__proto__":1}', '{"toString":1}', '{"cpus":-1}', '[1]', 'null'])
    assert.not(v.is(ResourcesSchema, JSON.parse(text)), text);
  assert.throws(() => parse('constructor:1'), /'constructor:1' is not a scalar/);
});

test('malformed resources are refused with a sentence that says which part', () => {
  for (const [text, complaint] of [
    ['', /no resources/],
    ['cpus', /'cpus' is not a scalar/],
    ['cpus:-1', /'cpus:-1'/],
    ['cpus:4;cpus:4', /given twice/],
    ['ports:[31000-32000]', /'ports:\[31000-32000\]'/],
    ['cpus:0', /no resources/],
  ] as const)
    assert.throws(() => parse(text), complaint);
});

test.run();
