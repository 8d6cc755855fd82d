import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from './random.ts';
import { UuidSource } from './uuid.ts';

test('ids are random digits of their source, then a count', () => {
  const random = seededRandom(1);
  const own = [random.uint32(), random.uint32()].map((word) => word.toString(16).padStart(8, '0')).join('');
  const source = new UuidSource(seededRandom(1));
  for (let count = 0; count < 1000; count++)
    assert.is(source.nextUuid(), own + count.toString(16).padStart(16, '0'));
});

test.run();
