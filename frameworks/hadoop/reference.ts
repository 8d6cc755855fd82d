/** A job in one process, with none of MapReduce's machinery: what its output must be, to the byte. */

import { readLines } from '../files/lineSource.ts';
import { LINE_MARGIN_BYTES, partName, writeLine } from './outputParts.ts';
import type { FoldProgram, Output, RecordProgram, ScanProgram, TaskSetting } from './program/mapReduce.ts';
import type { Program } from './program/program.ts';
import { programOf } from './program/programs.ts';
import { hashPartitioner } from './records/keyHash.ts';
import type { Values } from './records/record.ts';

/** A part of the output. */
export interface ReferencePart {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A block with the tag of the input that it belongs to. */
export interface TaggedText {
  readonly bytes: Uint8Array;
  readonly tag?: string;
}

/** What a job reads: blocks of text, which may have tags. */
export type ReferenceInput = Iterable<Uint8Array | TaggedText> | AsyncIterable<Uint8Array | TaggedText>;

/**
 * Runs a program over blocks of text: the same map, fold, reduce and partition functions as in TaskTrackers, but one
 * thread, one Map in memory, one sort at the end. `reduces` is ignored by a map-only program, which makes one
 * part per block. `side`: the job's side files.
 */
export async function runReference(
  program: Program,
  blocks: ReferenceInput,
  reduces: number,
  side: ReadonlyMap<string, Buffer> = new Map(),
): Promise<readonly ReferencePart[]> {
  return (await mapReference(program, blocks, side))(reduces);
}

/** What has been mapped, as the output of so many reduces. */
export type MappedReference = (reduces: number) => readonly ReferencePart[];

/** The greater part of {@link runReference}: what it does before it matters how many reduces there are. */
export async function mapReference(
  program: Program,
  blocks: ReferenceInput,
  side: ReadonlyMap<string, Buffer> = new Map(),
): Promise<MappedReference> {
  const code = programOf(program);
  switch (code.shape) {
    case 'scan':
      return scan(code, blocks, side);
    case 'fold':
      return fold(code, blocks, side);
    case 'records':
      return mapAndReduce(code, blocks, side);
    default:
      return code satisfies never;
  }
}

/** Maps all blocks, one after the other, each with a mapper of its own. */
async function mapAll<Into>(
  code: { startMap(setting: TaskSetting): { map: Visit<Into>; finish?(into: Into): void } },
  blocks: ReferenceInput,
  side: ReadonlyMap<string, Buffer>,
  intoOf: (index: number) => Into,
): Promise<void> {
  let index = 0;
  for await (const block of blocks) {
    const { bytes, tag } = block instanceof Uint8Array ? { bytes: block, tag: undefined } : block;
    const mapper = code.startMap({ index, tag, side, count: () => undefined });
    const into = intoOf(index);
    await readLines(sourceOf(bytes), (lines, start, end) => mapper.map(lines, start, end, into));
    mapper.finish?.(into);
    index += 1;
  }
}

type Visit<Into> = (bytes: Buffer, start: number, end: number, into: Into) => void;

async function scan(
  code: ScanProgram,
  blocks: ReferenceInput,
  side: ReadonlyMap<string, Buffer>,
): Promise<MappedReference> {
  const outputs: Buffer[][] = [];
  await mapAll(code, blocks, side, () => {
    const lines: Buffer[] = [];
    outputs.push(lines);
    return collecting(lines);
  });
  const parts = outputs.map((lines, index) => ({
    name: partName('map', index),
    bytes: Buffer.concat(lines),
  }));
  return () => parts;
}

async function fold(
  code: FoldProgram,
  blocks: ReferenceInput,
  side: ReadonlyMap<string, Buffer>,
): Promise<MappedReference> {
  const sums = new Map<Key, { value: number }>();
  const keyOf = keyReader();
  const emit = (bytes: Uint8Array, start: number, end: number, value: number): void => {
    const key = keyOf(bytes, start, end);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { value });
    else sum.value = code.fold(sum.value, value);
  };
  await mapAll(code, blocks, side, () => ({ emit }));
  const values = new Map([...sums].map(([key, { value }]) => [inLatin1(key), value]));
  return (reduces) =>
    partitioned(code, values.keys(), reduces).map((keys, index) => {
      const lines = keys.map((key) => {
        const bytes = Buffer.from(key, 'latin1');
        const line = Buffer.allocUnsafe(bytes.length + LINE_MARGIN_BYTES);
        const end = writeLine(line, 0, bytes, 0, bytes.length, values.get(key) ?? 0, code.format);
        return line.subarray(0, end);
      });
      return { name: partName('reduce', index), bytes: Buffer.concat(lines) };
    });
}

async function mapAndReduce(
  code: RecordProgram,
  blocks: ReferenceInput,
  side: ReadonlyMap<string, Buffer>,
): Promise<MappedReference> {
  const values = new Map<string, string[]>();
  const latin1 = latin1Reader();
  const into = {
    emit(
      key: Uint8Array,
      keyStart: number,
      keyEnd: number,
      value: Uint8Array,
      valueStart: number,
      valueEnd: number,
    ): void {
      const name = latin1(key, keyStart, keyEnd);
      const own = values.get(name) ?? [];
      values.set(name, own);
      own.push(latin1(value, valueStart, valueEnd));
    },
  };
  await mapAll(code, blocks, side, () => into);
  if (code.valueOrder === 'bytes') for (const own of values.values()) own.sort();
  return (reduces) =>
    partitioned(code, values.keys(), reduces).map((keys, index) => {
      const lines: Buffer[] = [];
      const output = collecting(lines);
      const reducer = code.startReduce({ index, tag: undefined, side, count: () => undefined });
      for (const key of keys)
        reducer.reduce(Buffer.from(key, 'latin1'), valuesOf(values.get(key) ?? []), output);
      reducer.finish?.(output);
      return { name: partName('reduce', index), bytes: Buffer.concat(lines) };
    });
}

/** Bytes in memory as a source of lines. */
function sourceOf(bytes: Uint8Array): { read(into: Buffer, at: number): Promise<number> } {
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

/** The keys of each partition, in order. */
function partitioned(
  { partition = hashPartitioner }: Pick<FoldProgram | RecordProgram, 'partition'>,
  all: Iterable<string>,
  reduces: number,
): string[][] {
  const keys: string[][] = Array.from({ length: reduces }, () => []);
  for (const key of all) {
    const bytes = Buffer.from(key, 'latin1');
    keys[partition(bytes, 0, bytes.length, reduces)]?.push(key);
  }
  // Strings of latin1 are in the order of their bytes.
  for (const own of keys) own.sort();
  return keys;
}

function collecting(lines: Buffer[]): Output {
  return { write: (bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end))) };
}

function valuesOf(list: readonly string[]): Values {
  let at = -1;
  let bytes = Buffer.alloc(0);
  return {
    start: 0,
    get bytes() {
      return bytes;
    },
    get end() {
      return bytes.length;
    },
    next() {
      at += 1;
      bytes = Buffer.from(list[at] ?? '', 'latin1');
      return at < list.length;
    },
  };
}

/** Reads bytes as strings, each byte a character; many from the same memory, of which it makes one buffer. */
function latin1Reader(): (bytes: Uint8Array, start: number, end: number) => string {
  let last: Uint8Array | undefined;
  let view: Buffer = Buffer.alloc(0);
  return (bytes, start, end) => {
    if (bytes !== last) {
      last = bytes;
      view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return view.toString('latin1', start, end);
  };
}

/** A key as a Map finds it soonest: a short one as a number, others as strings of latin1. */
type Key = number | string;

/** As many bytes, and a one before them, are an exact number. */
const NUMBER_BYTES_MAX = 6;

function keyReader(): (bytes: Uint8Array, start: number, end: number) => Key {
  const latin1 = latin1Reader();
  return (bytes, start, end) => {
    if (end - start > NUMBER_BYTES_MAX) return latin1(bytes, start, end);
    let key = 1;
    for (let at = start; at < end; at += 1) key = key * 256 + (bytes[at] as number);
    return key;
  };
}

function inLatin1(key: Key): string {
  if (typeof key === 'string') return key;
  let text = '';
  for (let rest = key; rest > 1; rest = Math.floor(rest / 256)) text = String.fromCharCode(rest % 256) + text;
  return text;
}
