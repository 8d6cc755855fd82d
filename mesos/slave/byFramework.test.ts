import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByFramework } from './byFramework.ts';

interface Thing {
  readonly frameworkId: string;
  readonly id: string;
}

const things = (count: number): Thing[] =>
  Array.from({ length: count }, (_, n) => ({ frameworkId: `f${n % 3}`, id: `t${n >> 1}` }));

test('few and many are found by framework and id, and are not when they are deleted', () => {
  for (const count of [1, 2, 8, 9, 50]) {
    const all = things(count);
    const held = new ByFramework<Thing>();
    for (const thing of all) held.add(thing);
    assert.is(new Set(held as Iterable<Thing>).size, count);
    for (const thing of all) {
      assert.is(held.get(thing.frameworkId, thing.id), thing);
      assert.not(held.get('g', thing.id));
      held.delete(thing);
      assert.not(held.get(thing.frameworkId, thing.id));
    }
    assert.equal([...(held as Iterable<Thing>)], []);
  }
});

test('all of a framework are told apart from those of others', () => {
  for (const count of [3, 30]) {
    const all = things(count);
    const held = new ByFramework<Thing>();
    for (const thing of all) held.add(thing);
    assert.equal(
      held.of('f1'),
      all.filter(({ frameworkId }) => frameworkId === 'f1'),
    );
    assert.ok(held.hasAny('f2'));
    assert.not(held.hasAny('f3'));
    held.clear();
    assert.not(held.hasAny('f1'));
  }
});

test.run();
