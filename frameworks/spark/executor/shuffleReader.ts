/** The reduce side of a shuffle: one part of every map output, from this node's disk or from other nodes. */
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { urlOn } from '../../files/site.ts';
import { findStored } from '../../files/storedFile.ts';
import type { MapOutputsAt } from '../taskData.ts';
import { readFrames } from './pairFrames.ts';
import { shufflePath, type TaskContext, TaskError } from './taskContext.ts';

/** How often a map output is tried, before its map has to run again. */
const TRIES = 2;
const NOT_FOUND = 404;

/**
 * Calls back with all pairs of a part, in the order of the maps: so a fold has the same result however often it is repeated.
 * Resolves to the bytes read. Rejects with a {@link TaskError} if a map output cannot be had.
 */
export async function readShuffle(
  outputs: MapOutputsAt,
  part: number,
  context: TaskContext,
  visit: (key: unknown, value: unknown) => void,
): Promise<number> {
  let bytes = 0;
  for (const [map, place] of outputs.places.entries()) {
    context.checkKilled();
    const host = outputs.hosts[place];
    if (host === undefined)
      throw new TaskError(`Nobody has the output of map ${map} of shuffle ${outputs.shuffle}.`, {
        unfetchable: { shuffle: outputs.shuffle },
      });
    const chunks = await fetch(outputs.shuffle, map, part, host, context);
    for (const chunk of chunks) bytes += chunk.length;
    for await (const [keys, values] of readFrames(from(chunks)))
      for (let n = 0; n < keys.length; n++) visit(keys[n], values[n]);
  }
  return bytes;
}

/** The whole part, before any of it is used: what has been folded in cannot be taken out again. */
async function fetch(
  shuffle: number,
  map: number,
  part: number,
  host: string,
  context: TaskContext,
): Promise<readonly Buffer[]> {
  for (let tried = 1; ; tried++)
    try {
      return host === context.hostname
        ? await fromDisk(shuffle, map, part, context)
        : await fromNode(shuffle, map, part, host, context);
    } catch (error) {
      if (tried < TRIES) continue;
      const { message, status } = error as Error & { readonly status?: number };
      throw new TaskError(
        `The output of map ${map} of shuffle ${shuffle} cannot be fetched from ${host}: ${message}`,
        { unfetchable: { shuffle, map, host, ...(status === NOT_FOUND && { isGone: true }) } },
      );
    }
}

async function fromDisk(
  shuffle: number,
  map: number,
  part: number,
  { dir, executor }: TaskContext,
): Promise<readonly Buffer[]> {
  const stored = await findStored(dir, shufflePath(executor.space, shuffle, map));
  const found = stored?.beside.type === 'index' ? stored.beside.index.partitions[part] : undefined;
  if (stored === undefined || found === undefined) throw new Error('it is not on the disk of this node.');
  const { offset: start, bytes, crc32: expected } = found;
  if (bytes === 0) return [];
  const chunks: Buffer[] = [];
  let sum = 0;
  for await (const chunk of createReadStream(stored.file, { start, end: start + bytes - 1 })) {
    sum = crc32(chunk, sum);
    chunks.push(chunk);
  }
  if (sum !== expected) throw new Error('it does not have its checksum; it is damaged.');
  return chunks;
}

async function fromNode(
  shuffle: number,
  map: number,
  part: number,
  host: string,
  context: TaskContext,
): Promise<readonly Buffer[]> {
  const url = urlOn(context.nodes, host, shufflePath(context.executor.space, shuffle, map));
  const client = await context.client();
  const { chunks } = await client.get(`${url}?partition=${part}`);
  return Array.fromAsync(chunks);
}

async function* from(chunks: readonly Buffer[]): AsyncGenerator<Buffer, void, void> {
  yield* chunks;
}
