/** A job in one process, with none of MapReduce's machinery: what its output must be, to the byte. */

import { readLines } from '../dfs/lineSource.ts';
import type { Program } from './job.ts';
import { LINE_MARGIN_BYTES, partName, writeLine } from './outputParts.ts';
import { programOf } from './program/programs.ts';
import { hashKey, partitionOf } from './records/keyHash.ts';

/** A part of the output. */
export interface ReferencePart {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Runs a program over blocks of text: the same map, fold and partition functions as in TaskTrackers, but one
 * thread, one Map in memory, one sort at the end. `reduces` is ignored by a map-only program, which makes one
 * part per block.
 */
export async function runReference(
  program: Program,
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  reduces: number,
): Promise<readonly ReferencePart[]> {
  const code = programOf(program);
  if (code.shape === 'scan') {
    const parts: ReferencePart[] = [];
    for await (const block of blocks) {
      const lines: Buffer[] = [];
      const write = (bytes: Uint8Array, start: number, end: number): void => {
        lines.push(Buffer.from(bytes.subarray(start, end)));
      };
      await readLines(sourceOf(block), (bytes, start, end) => code.scan(bytes, start, end, { write }));
      parts.push({ name: partName('map', parts.length), bytes: Buffer.concat(lines) });
    }
    return parts;
  }
  const values = new Map<string, number>();
  const emit = (bytes: Uint8Array, start: number, end: number, value: number): void => {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    const before = values.get(key);
    values.set(key, before === undefined ? value : code.fold(before, value));
  };
  for await (const block of blocks)
    await readLines(sourceOf(block), (bytes, start, end) => code.map(bytes, start, end, { emit }));
  return writeParts(values, reduces);
}

/** Bytes in memory as a source of lines. */
export function sourceOf(bytes: Uint8Array): { read(into: Buffer, at: number): Promise<number> } {
  let from = 0;
  return {
    async read(into, at) {
      const some = bytes.subarray(from, from + into.length - at);
      into.set(some, at);
      from += some.length;
      return some.length;
    },
  };
}

function writeParts(values: ReadonlyMap<string, number>, reduces: number): readonly ReferencePart[] {
  const keys: string[][] = Array.from({ length: reduces }, () => []);
  for (const key of values.keys()) {
    const bytes = Buffer.from(key, 'latin1');
    keys[partitionOf(hashKey(bytes, 0, bytes.length), reduces)]?.push(key);
  }
  return keys.map((own, index) => {
    // Strings of latin1 are in the order of their bytes.
    own.sort();
    const lines = own.map((key) => {
      const bytes = Buffer.from(key, 'latin1');
      const line = Buffer.allocUnsafe(bytes.length + LINE_MARGIN_BYTES);
      const end = writeLine(line, 0, bytes, 0, bytes.length, values.get(key) ?? 0);
      return line.subarray(0, end);
    });
    return { name: partName('reduce', index), bytes: Buffer.concat(lines) };
  });
}
