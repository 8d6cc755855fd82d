import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isList, packed, unpacked } from './packed.ts';

test('what is held comes back as a list, however many there are', () => {
  for (const list of [[], ['a'], ['a', 'b'], ['a', 'b', 'c']]) assert.equal(unpacked(packed(list)), list);
  assert.equal(unpacked(packed()), []);
});

test('one is held as it is, and of none nothing is made', () => {
  const thing = {};
  assert.is(packed([thing]), thing);
  assert.not.ok(isList(packed([thing])));
  assert.is(packed([]), packed());
});

test.run();
