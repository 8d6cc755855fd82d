import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Few, FewBy } from './few.ts';

test('it is a set, whatever is added to it and deleted from it, and in whatever order', () => {
  const things = Array.from({ length: 7 }, () => ({}));
  const step = fc.record({ adds: fc.boolean(), which: fc.nat(things.length - 1) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [few, model] = [new Few<object>(), new Set<object>()];
      for (const { adds, which } of steps) {
        const thing = things[which] ?? {};
        if (adds) few.add(thing);
        else few.delete(thing);
        if (adds) model.add(thing);
        else model.delete(thing);
        assert.is(few.size, model.size);
        assert.is(few.has(thing), adds);
        const [own, expected] = [[...few], [...model]];
        assert.ok(own.every((each, place) => each === expected[place]));
      }
    }),
  );
});

test('by keys it is a map, whatever is set and deleted', () => {
  const step = fc.record({ sets: fc.boolean(), key: fc.constantFrom(...'abcdefg'), value: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [few, model] = [new FewBy<number>(), new Map<string, number>()];
      for (const { sets, key, value } of steps) {
        if (sets) {
          few.set(key, value);
          model.set(key, value);
        } else assert.is(few.delete(key), model.delete(key));
        assert.is(few.get(key), model.get(key));
        assert.is(few.has(key), model.has(key));
        assert.is(few.size, model.size);
        assert.equal([...few], [...model]);
        assert.equal([...few.keys()], [...model.keys()]);
        assert.equal([...few.values()], [...model.values()]);
      }
    }),
  );
});

test.run();
