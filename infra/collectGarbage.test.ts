import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectGarbage } from './collectGarbage.ts';

const test = suite('garbage');

test('what nobody holds any more is gone when it has been collected, with its memory', async () => {
  const dropped = ((): WeakRef<Buffer> => new WeakRef(Buffer.alloc(16 << 20, 1)))();
  const before = process.memoryUsage().arrayBuffers;
  await collectGarbage();
  assert.is(dropped.deref(), undefined);
  assert.ok(process.memoryUsage().arrayBuffers <= before - (16 << 20));
});

test('what somebody holds stays', async () => {
  const held = Buffer.alloc(1 << 20, 1);
  const seen = new WeakRef(held);
  await collectGarbage();
  assert.is(seen.deref(), held);
});

test.run();
