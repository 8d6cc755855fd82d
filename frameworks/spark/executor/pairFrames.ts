/** Pairs as bytes: frames of a length and a batch of pairs, as `v8.serialize` writes them. */
import { deserialize, serialize } from 'node:v8';

/** A key and its value. */
export type Pair = readonly [unknown, unknown];

/** Pairs of a frame. */
const PAIRS_PER_FRAME = 2048;
/** A frame that claims to be longer is damaged. */
const FRAME_BYTES_MAX = 1024 ** 3;
const HEADER_BYTES = 4;

/** Writes pairs; at most some 2,000 in each frame. */
export function* writeFrames(pairs: Iterable<Pair>): Generator<Buffer, void, void> {
  let keys: unknown[] = [];
  let values: unknown[] = [];
  for (const [key, value] of pairs) {
    keys.push(key);
    values.push(value);
    if (keys.length < PAIRS_PER_FRAME) continue;
    yield frameOf(keys, values);
    keys = [];
    values = [];
  }
  if (keys.length > 0) yield frameOf(keys, values);
}

function frameOf(keys: readonly unknown[], values: readonly unknown[]): Buffer {
  const body = serialize([keys, values]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
}

/** Reads what {@link writeFrames} wrote, cut into chunks anywhere. Rejects if it is something else. */
export async function* readFrames(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly [readonly unknown[], readonly unknown[]], void, void> {
  let held: Buffer[] = [];
  let bytes = 0;
  let wanted = HEADER_BYTES;
  let isHeader = true;
  for await (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    while (bytes >= wanted) {
      const all: Buffer = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, bytes);
      const head = all.subarray(0, wanted);
      held = [all.subarray(wanted)];
      bytes -= wanted;
      if (isHeader) {
        wanted = head.readUInt32LE();
        if (wanted > FRAME_BYTES_MAX) throw new Error('The pairs cannot be read: they are damaged.');
      } else {
        yield parseFrame(head);
        wanted = HEADER_BYTES;
      }
      isHeader = !isHeader;
    }
  }
  if (bytes > 0 || !isHeader) throw new Error('The pairs cannot be read: they end within a frame.');
}

/** Reads the body of a frame. Throws if it is damaged. */
export function parseFrame(bytes: Buffer): readonly [readonly unknown[], readonly unknown[]] {
  const body: unknown = deserialize(bytes);
  if (Array.isArray(body) && body.length === 2) {
    const [keys, values] = body as [unknown, unknown];
    if (Array.isArray(keys) && Array.isArray(values) && keys.length === values.length) return [keys, values];
  }
  throw new Error('The pairs cannot be read: they are damaged.');
}
