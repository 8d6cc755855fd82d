import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Recent } from './recent.ts';

const foundIn = (recent: Recent<string, number>, keys: string): string =>
  [...keys].filter((wanted) => recent.find((key) => key === wanted) !== undefined).join('');

test('what was added is found, each by its own key', () => {
  const recent = new Recent<string, number>(3);
  recent.add('a', 1);
  recent.add('b', 2);
  assert.is(
    recent.find((key) => key === 'a'),
    1,
  );
  assert.is(
    recent.find((key) => key === 'b'),
    2,
  );
  assert.is(
    recent.find((key) => key === 'c'),
    undefined,
  );
});

test('the one that was longest not asked for makes room', () => {
  const recent = new Recent<string, number>(3);
  for (const [number, key] of [...'abc'].entries()) recent.add(key, number);
  recent.find((key) => key === 'a');
  recent.add('d', 3);
  assert.is(foundIn(recent, 'abcd'), 'acd');
  recent.add('e', 4);
  recent.add('f', 5);
  assert.is(foundIn(recent, 'abcdef'), 'def');
});

test.run();
