import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MessageReader } from './call.ts';

const BYTES_MAX = 300;

function prefixed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

test('messages are the same in whatever pieces they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: BYTES_MAX })),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      (messages, lengths) => {
        const bytes = Buffer.concat(messages.map(prefixed));
        const read: Buffer[] = [];
        const reader = new MessageReader(BYTES_MAX, (message) => read.push(message));
        for (let start = 0, n = 0; start < bytes.length; n++) {
          const length = lengths[n % lengths.length] ?? 1;
          assert.is(reader.read(bytes.subarray(start, start + length)), undefined);
          start += length;
        }
        assert.equal(
          read.map((message) => [...message]),
          messages.map((message) => [...message]),
        );
      },
    ),
  );
});

test('what is larger than a frame may be, or compressed, is no message', () => {
  const read = (bytes: Buffer): string | undefined => new MessageReader(BYTES_MAX, () => {}).read(bytes);
  assert.is(read(prefixed(new Uint8Array(BYTES_MAX))), undefined);
  // Its prefix is enough: nobody waits for the rest of it.
  assert.match(
    read(prefixed(new Uint8Array(BYTES_MAX + 1)).subarray(0, 5)) ?? '',
    '301 bytes, more than the 300',
  );
  assert.match(read(Buffer.from([1, 0, 0, 0, 0])) ?? '', 'compressed');
});

test.run();
