import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runReference } from './reference.ts';

test('words are counted apart, however long they are and whatever their bytes, and are in order', async () => {
  const words = ['a', 'z', '\xff'].flatMap((letter) =>
    Array.from({ length: 9 }, (_, n) => letter.repeat(n + 1)),
  );
  const text = Buffer.from(`${words.join(' ')}\n${words.slice(5).join('.')}\n`, 'latin1');
  const [part] = await runReference({ type: 'wordcount' }, [text], 1);
  const lines = words.map((word, n) => `${word}\t${n < 5 ? 1 : 2}\n`);
  assert.is(part?.bytes.toString('latin1'), lines.join(''));
});

test.run();
