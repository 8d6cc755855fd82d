import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  add,
  baseOf,
  common,
  contains,
  cut,
  dominantShare,
  format,
  isEmpty,
  parse,
  ResourcesSchema,
  reserve,
  roleOf,
  subtract,
  sum,
  timesContained,
  unreserved,
  visibleTo,
} from './resources.ts';

const quantities = fc
  .dictionary(fc.constantFrom('cpus', 'mem', 'disk'), fc.integer({ min: 0, max: 1e9 }))
  .map((entries) =>
    Object.fromEntries(Object.entries(entries).map(([name, thousandths]) => [name, thousandths / 1000])),
  );

const roles = fc.string({ unit: fc.constantFrom('a', 'B', '0', ';', ':', ' ', '.', '*', '-'), minLength: 1 });
const legalRoles = roles.filter((role) => !['.', '..', '*'].includes(role));
/** Some of it is reserved. */
const reserved = fc
  .tuple(quantities, fc.array(fc.tuple(quantities, legalRoles), { maxLength: 4 }))
  .map(([bare, parts]) => sum([bare, ...parts.map(([part, role]) => reserve(part, role))]));

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

test('what is reserved can be written and read, whatever the name of the role', () => {
  assert.equal(parse('cpus(gold):4;cpus:2'), { 'cpus(gold)': 4, cpus: 2 });
  assert.equal(parse('cpus(*):4;mem:1'), { cpus: 4, mem: 1 });
  assert.is(format({ 'cpus(gold)': 4, cpus: 2 }), 'cpus(gold):4;cpus:2');
  fc.assert(
    fc.property(
      reserved.filter((resources) => !isEmpty(resources)),
      (resources) => {
        assert.equal(parse(format(resources)), resources);
        assert.ok(v.is(ResourcesSchema, resources));
      },
    ),
  );
});

test('a name is that of a resource and perhaps a role, and no more', () => {
  assert.is(baseOf('cpus(gold)'), 'cpus');
  assert.is(roleOf('cpus(gold)'), 'gold');
  assert.is(baseOf('cpus'), 'cpus');
  assert.is(roleOf('cpus'), undefined);
  for (const name of [
    'cpus()',
    'cpus(a',
    'cpus a)',
    'cpus(a)b',
    'cpus(a)(b)',
    'cpus((a))',
    'cpus(a/b)',
    'cpus(.)',
    'cpus(..)',
    'cpus(*)',
    'cpus(\n)',
    'Cpus(a)',
    '(a)',
    'constructor(a)',
    `cpus(${'a'.repeat(65)})`,
  ])
    assert.not(v.is(ResourcesSchema, { [name]: 1 }), name);
  assert.ok(v.is(ResourcesSchema, { [`cpus(${'a'.repeat(64)})`]: 1 }));
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`r${i}`, 1]));
  assert.ok(v.is(ResourcesSchema, many(64)));
  assert.not(v.is(ResourcesSchema, many(65)));
});

test('without reservations it is as much as with them, and each role sees its own and what is reserved for nobody', () => {
  assert.equal(unreserved(parse('cpus(gold):4;cpus:2;mem(a):1')), { cpus: 6, mem: 1 });
  const bare = { cpus: 1 };
  assert.is(unreserved(bare), bare);
  assert.is(visibleTo(bare, 'gold'), bare);
  fc.assert(
    fc.property(reserved, legalRoles, (resources, role) => {
      const names = Object.keys(resources);
      const byRole = [...new Set(names.map(roleOf))].map((one) =>
        Object.fromEntries(Object.entries(resources).filter(([name]) => roleOf(name) === one)),
      );
      assert.equal(sum(byRole.map(unreserved)), unreserved(sum(byRole)));
      const seen = visibleTo(resources, role);
      const others = subtract(resources, seen);
      assert.ok(Object.keys(seen).every((name) => [undefined, role].includes(roleOf(name))));
      assert.ok(Object.keys(others).every((name) => ![undefined, role].includes(roleOf(name))));
      assert.equal(unreserved(reserve(resources, role)), unreserved(resources));
    }),
  );
});

test('of what is cut remains as much as is allowed, and what is reserved goes first', () => {
  assert.equal(cut(parse('cpus:4;cpus(gold):2;mem:9'), { cpus: 3 }), { 'cpus(gold)': 2, cpus: 1 });
  assert.equal(cut(parse('cpus:4;mem:9'), { cpus: 0 }, Number.POSITIVE_INFINITY), { mem: 9 });
  fc.assert(
    fc.property(reserved, quantities, (resources, most) => {
      const part = cut(resources, most);
      assert.ok(contains(resources, part));
      const bare = unreserved(part);
      assert.ok(contains(most, bare));
      const left = unreserved(subtract(resources, part));
      for (const name in left) assert.ok(contains({ [name]: bare[name] ?? 0 }, { [name]: most[name] ?? 0 }));
      for (const name in bare)
        if ((part[name] ?? 0) > 0)
          assert.ok(isBare(subtract(resources, part), name), `${name} before others`);
    }),
  );
});

/** Is nothing of the resource reserved? */
const isBare = (resources: Record<string, number>, base: string): boolean =>
  Object.keys(resources).every((name) => baseOf(name) !== base || roleOf(name) === undefined);

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

test('ports are no share of the cluster', () => {
  assert.is(dominantShare({ cpus: 1, ports: 9 }, { cpus: 10, ports: 10 }), 0.1);
});

test.run();
