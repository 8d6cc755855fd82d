/** Where values come from: a list of the driver program, a block of the distributed file system, a file of the machine. */
import { open } from 'node:fs/promises';
import { deserialize } from 'node:v8';
import { type Locality, overBlock } from '../../files/blockReader.ts';
import { LINE_BYTES_MAX } from '../../files/lineSource.ts';
import type { SourceInput } from '../taskData.ts';
import type { TaskContext } from './taskContext.ts';

/** Values of a partition, many at a time. */
export type Batches = Iterable<readonly unknown[]>;

/** Values of a batch, if nothing makes them more or fewer. */
export const BATCH_SIZE = 1024;
const NEWLINE = 10;
const READ_BYTES = 1024 * 1024;

/** A source that was read: all of it is there, so that what follows needs not wait, nor begin anew if a replica is damaged. */
export interface ReadSource {
  readonly batches: Batches;
  readonly bytes: number;
  readonly locality: Locality;
}

/** Reads a source. Rejects with one sentence if it cannot be read. */
export async function readSource(
  input: SourceInput,
  partition: number,
  context: TaskContext,
): Promise<ReadSource> {
  switch (input.type) {
    case 'values': {
      const values: unknown = deserialize(input.bytes);
      if (!Array.isArray(values)) throw new TypeError('The values of the partition cannot be read.');
      return { batches: inBatches(values), bytes: input.bytes.length, locality: 'local' };
    }
    case 'block': {
      const { block } = input;
      const { result, locality } = await overBlock(block, partition, context, () => {
        const chunks: Buffer[] = [];
        return {
          visit: (bytes, start, end) => void chunks.push(Buffer.from(bytes.subarray(start, end))),
          finish: () => chunks,
          abandon: () => undefined,
        };
      });
      return { batches: { [Symbol.iterator]: () => lines(result) }, bytes: block.bytes, locality };
    }
    case 'file': {
      const chunk = await readRange(input.path, input.start, input.end);
      return {
        batches: { [Symbol.iterator]: () => lines([chunk]) },
        bytes: chunk.length,
        locality: 'local',
      };
    }
    case 'model':
      throw new TypeError('A modelled dataset has no values; it is for virtual time.');
    default:
      return input satisfies never;
  }
}

/** Values, many at a time. */
function* inBatches(values: readonly unknown[]): Generator<readonly unknown[], void, void> {
  if (values.length <= BATCH_SIZE) {
    if (values.length > 0) yield values;
    return;
  }
  for (let at = 0; at < values.length; at += BATCH_SIZE) yield values.slice(at, at + BATCH_SIZE);
}

/** Values one at a time. */
export function* oneByOne(batches: Batches): Generator<unknown, void, void> {
  for (const batch of batches) yield* batch;
}

/** The lines of chunks, each of which ends with a line, without their ends. */
function* lines(chunks: readonly Buffer[]): Generator<readonly string[], void, void> {
  let batch: string[] = [];
  for (const chunk of chunks)
    for (let start = 0; start < chunk.length; ) {
      const found = chunk.indexOf(NEWLINE, start);
      const end = found < 0 ? chunk.length : found;
      batch.push(chunk.toString('utf8', start, end));
      start = end + 1;
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
    }
  if (batch.length > 0) yield batch;
}

/** The bytes of the lines that begin in a range of a file. */
async function readRange(path: string, start: number, end: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const read = async (from: number, bytes: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(bytes);
      let held = 0;
      while (held < bytes) {
        const { bytesRead } = await file.read(buffer, held, bytes - held, from + held);
        if (bytesRead === 0) break;
        held += bytesRead;
      }
      return buffer.subarray(0, held);
    };
    // A line belongs to the range in which its first byte is: the byte before tells whether one begins at the start.
    const from = Math.max(0, start - 1);
    const chunks = [await read(from, end - from)];
    const [first] = chunks as [Buffer];
    const skipped = start === 0 ? 0 : first.indexOf(NEWLINE) + 1;
    if (start > 0 && skipped === 0) return Buffer.alloc(0);
    if (skipped >= first.length) return Buffer.alloc(0);
    let last = first;
    for (
      let at = from + first.length, bytes = 0;
      last.length > 0 && last.at(-1) !== NEWLINE;
      at += last.length
    ) {
      last = await read(at, READ_BYTES);
      const found = last.indexOf(NEWLINE);
      if (found >= 0) last = last.subarray(0, found + 1);
      chunks.push(last);
      bytes += last.length;
      if (bytes > LINE_BYTES_MAX)
        throw new Error(`A line of ${path} is longer than ${LINE_BYTES_MAX} bytes.`);
    }
    return Buffer.concat(chunks).subarray(skipped);
  } finally {
    await file.close();
  }
}
