import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Recent, remembering } from './recent.ts';

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

test('a reader that remembers reads short texts once, and what it cannot read each time', () => {
  const asked: number[] = [];
  const lengthOf = remembering(2, (text) => {
    asked.push(text.length);
    return text === '' ? undefined : text.length;
  });
  for (const length of [3, 3, 0, 0, 2_000, 2_000])
    assert.is(lengthOf('x'.repeat(length)), length || undefined);
  assert.equal(asked, [3, 0, 0, 2_000, 2_000]);
});

test.run();
