import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  containsPorts,
  countPorts,
  formatPorts,
  joinPorts,
  lowestPorts,
  type PortRanges,
  PortRangesSchema,
  parsePorts,
  parseWithPorts,
  withoutPorts,
} from './ports.ts';

const test = suite('ports');

/** Few ports, so that ranges meet. */
const ranges: fc.Arbitrary<PortRanges> = fc
  .array(fc.tuple(fc.nat(40), fc.nat(5)), { maxLength: 6 })
  .map((pairs) => joinPorts(pairs.map(([first, more]) => [first, first + more] as const)));

const setOf = (some: PortRanges): Set<number> =>
  new Set(some.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n)));
const sorted = (some: Iterable<number>): readonly number[] => [...some].sort((a, b) => a - b);

const isFirst = (port: number, at: number, all: readonly number[]): boolean => all.indexOf(port) === at;

test('are joined, taken away and counted as sets are', () => {
  fc.assert(
    fc.property(ranges, ranges, fc.nat(50), (a, b, count) => {
      assert.ok(v.is(PortRangesSchema, joinPorts(a, b)));
      assert.ok(v.is(PortRangesSchema, withoutPorts(a, b)));
      assert.equal(sorted(setOf(joinPorts(a, b))), sorted([...setOf(a), ...setOf(b)].filter(isFirst)));
      assert.equal(
        sorted(setOf(withoutPorts(a, b))),
        sorted([...setOf(a)].filter((port) => !setOf(b).has(port))),
      );
      assert.is(countPorts(a), setOf(a).size);
      assert.is(
        containsPorts(a, b),
        [...setOf(b)].every((port) => setOf(a).has(port)),
      );
      assert.equal(sorted(setOf(lowestPorts(a, count))), sorted(setOf(a)).slice(0, count));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('have a form in text, which is that of Mesos', () => {
  fc.assert(
    fc.property(ranges, (a) => {
      if (a.length > 0) assert.equal(parsePorts(formatPorts(a)), a);
    }),
    { seed: 1 },
  );
  assert.equal(parsePorts('[31000-32000,40000, 5-6]'), [
    [5, 6],
    [31_000, 32_000],
    [40_000, 40_000],
  ]);
  for (const wrong of ['', '[]', '31000', '[7-5]', '[1-99999]', '[a]', '[1-2'])
    assert.throws(() => parsePorts(wrong), /are no ports; write e\.g\. \[31000-32000/);
});

test('are counted among what a slave has', () => {
  assert.equal(parseWithPorts('cpus:4; ports:[5-6,9]; mem:64'), {
    resources: { cpus: 4, mem: 64, ports: 3 },
    ports: [
      [5, 6],
      [9, 9],
    ],
  });
  assert.equal(parseWithPorts('cpus:4'), { resources: { cpus: 4 }, ports: [] });
  assert.equal(parseWithPorts('ports:[1-2]').resources, { ports: 2 });
  assert.throws(() => parseWithPorts('cpus:4;ports:7'), /are no ports/);
});

test('that overlap or come in no order are refused from others', () => {
  for (const wrong of [
    [[5, 4]],
    [
      [1, 5],
      [5, 6],
    ],
    [
      [8, 9],
      [1, 2],
    ],
    [[-1, 2]],
    [[1, 70_000]],
    [[1.5, 2]],
  ])
    assert.not(v.is(PortRangesSchema, wrong));
});

test.run();
