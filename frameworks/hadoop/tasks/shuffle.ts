/**
 * The shuffle: a reduce fetches its partition of every map's output, into memory as long as there is room.
 */
import { closeSync, createReadStream, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { urlOn } from '../../files/site.ts';
import { findStored, type StoredPath } from '../../files/storedFile.ts';
import type { RunMerger } from '../records/merge.ts';
import { openPartition, type RunFile, readerBytes, reduceToWidth } from '../records/runFile.ts';
import { RunReader } from '../records/runReader.ts';
import { writeRun } from '../records/runWriter.ts';
import { type TaskContext, UnfetchableError } from './taskContext.ts';

/** How much of a task is done when everything is fetched; of merging, nothing is told. */
const FETCHED_PART = 2 / 3;
/** How many map outputs are fetched at a time. */
const FETCHES_AT_A_TIME = 5;
/** How often one is tried. */
const TRIES = 2;
/** What is larger than this part of the memory goes to disk at once. */
const LARGEST_PART_OF_MEMORY = 1 / 4;

/** Where one sorted run is to be had: a partition of a map's output, or of another task's. */
export interface ShuffleSource {
  /** Tells it from the other sources of the task. */
  readonly number: number;
  /** For people: `map 3`. */
  readonly name: string;
  readonly host: string;
  readonly path: StoredPath;
  readonly partition: number;
}

/** A partition of a map output, on its way. */
interface Segment {
  readonly bytes: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/** What one reduce has fetched. */
export class Shuffle {
  readonly #sources: readonly ShuffleSource[];
  readonly #context: TaskContext;
  readonly #merge: RunMerger;
  readonly #memoryMax: number;
  /** Segments in memory that are complete. */
  #segments: Buffer[] = [];
  /** Bytes in memory, of complete segments and of those on their way. */
  #memory = 0;
  readonly #runs: RunFile[] = [];
  #files = 0;
  #inputBytes = 0;
  #remoteBytes = 0;
  #spills = 0;
  #fetched = 0;
  #failed = false;

  constructor(sources: readonly ShuffleSource[], context: TaskContext, merge: RunMerger) {
    this.#sources = sources;
    this.#context = context;
    this.#merge = merge;
    this.#memoryMax = context.tracker.memoryPerTaskBytes;
  }

  get inputBytes(): number {
    return this.#inputBytes;
  }

  /** Bytes that came from other nodes. */
  get remoteBytes(): number {
    return this.#remoteBytes;
  }

  /** How often memory was full and written out. */
  get spills(): number {
    return this.#spills;
  }

  /** Fetches everything. Rejects with an {@link UnfetchableError} if a source cannot be had. */
  async fetchAll(): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next; at < this.#sources.length && !this.#failed; at = next) {
        next += 1;
        await this.#fetch(this.#sources[at] as ShuffleSource);
      }
    };
    // All lanes are waited for, so that nothing goes on behind the back of a task that has failed.
    const lanes = await Promise.allSettled(Array.from({ length: FETCHES_AT_A_TIME }, lane));
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  }

  /** Calls back with all that was fetched, as sorted runs that can be read during the call. */
  read(use: (runs: readonly RunReader[]) => void): void {
    const path = join(this.#context.temporary, 'merged');
    const options = { merge: this.#merge, bufferBytes: this.#memoryMax };
    const runs = reduceToWidth(this.#runs, path, options);
    const files = runs.map((run) => openSync(run.path, 'r'));
    try {
      const bufferBytes = readerBytes(this.#memoryMax, runs.length);
      const readers = this.#segments.map((bytes) => new RunReader({ from: 'memory', bytes }));
      for (const [at, { index }] of runs.entries())
        readers.push(openPartition(files[at] as number, index, 0, bufferBytes));
      use(readers);
    } finally {
      for (const file of files) closeSync(file);
    }
  }

  async #fetch(source: ShuffleSource): Promise<void> {
    for (let tried = 1; ; tried += 1)
      try {
        const segment = await this.#open(source);
        if (segment.bytes > 0) await this.#take(segment);
        this.#inputBytes += segment.bytes;
        this.#fetched += 1;
        this.#context.progress?.((FETCHED_PART * this.#fetched) / this.#sources.length);
        if (source.host !== this.#context.hostname) this.#remoteBytes += segment.bytes;
        return;
      } catch (error) {
        if (error instanceof UnfetchableError && tried < TRIES && !this.#failed) continue;
        this.#failed = true;
        throw error;
      }
  }

  /** Begins to read a source: from this node's disk, or from another node. */
  async #open({ number, name, host, path, partition }: ShuffleSource): Promise<Segment> {
    const { hostname, dir, nodes } = this.#context;
    const unfetchable = (why: Error): UnfetchableError => new UnfetchableError(number, name, host, why);
    if (host !== hostname) {
      const url = `${urlOn(nodes, host, path)}?partition=${partition}`;
      const client = await this.#context.client();
      const download = await client.get(url).catch((error: Error) => {
        throw unfetchable(error);
      });
      return { bytes: download.bytes, chunks: explained(download.chunks, unfetchable) };
    }
    const stored = await findStored(dir, path);
    const part = stored?.beside.type === 'index' ? stored.beside.index.partitions[partition] : undefined;
    if (stored === undefined || part === undefined)
      throw unfetchable(new Error('it is not on the disk of this node.'));
    const { offset, bytes } = part;
    const chunks = checked(readRange(stored.file, offset, bytes), part.crc32);
    return { bytes, chunks: explained(chunks, unfetchable) };
  }

  /** Reads a segment into memory, or to disk if there is no room. */
  async #take(segment: Segment): Promise<void> {
    if (!this.#reserve(segment.bytes)) return this.#takeToDisk(segment);
    const bytes = Buffer.allocUnsafe(segment.bytes);
    try {
      let at = 0;
      for await (const chunk of segment.chunks) at += chunk.copy(bytes, at);
    } catch (error) {
      this.#memory -= segment.bytes;
      throw error;
    }
    this.#segments.push(bytes);
  }

  async #takeToDisk(segment: Segment): Promise<void> {
    const path = this.#newFile();
    let crc = 0;
    const file = await open(path, 'wx');
    try {
      for await (const chunk of segment.chunks) {
        crc = crc32(chunk, crc);
        for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
      }
    } finally {
      await file.close();
    }
    const partition = { offset: 0, bytes: segment.bytes, records: 0, crc32: crc };
    this.#runs.push({ path, index: { partitions: [partition] } });
  }

  /** Finds room in memory, writing out what is complete if need be. False: this should go to disk. */
  #reserve(bytes: number): boolean {
    if (bytes > this.#memoryMax * LARGEST_PART_OF_MEMORY) return false;
    if (this.#memory + bytes > this.#memoryMax) this.#spill();
    if (this.#memory + bytes > this.#memoryMax) return false;
    this.#memory += bytes;
    return true;
  }

  /** Merges all complete segments into one run on disk. */
  #spill(): void {
    if (this.#segments.length === 0) return;
    const path = this.#newFile();
    const readers = this.#segments.map((bytes) => new RunReader({ from: 'memory', bytes }));
    const index = writeRun(path, 1, (writer) => this.#merge(readers, writer, 0));
    this.#runs.push({ path, index });
    for (const { length } of this.#segments) this.#memory -= length;
    this.#segments = [];
    this.#spills += 1;
  }

  #newFile(): string {
    this.#files += 1;
    return join(this.#context.temporary, `segment-${this.#files}`);
  }
}

/** Part of a file. It is opened when it is read, so that who reads hears of it if it is gone. */
async function* readRange(file: string, start: number, bytes: number): AsyncGenerator<Buffer, void, void> {
  if (bytes > 0) yield* createReadStream(file, { start, end: start + bytes - 1 });
}

async function* checked(chunks: AsyncIterable<Buffer>, expected: number): AsyncGenerator<Buffer, void, void> {
  let crc = 0;
  for await (const chunk of chunks) {
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (crc !== expected) throw new Error('it does not have its checksum; it is damaged.');
}

/** Makes errors of reading what they mean for the reduce. Errors of writing pass by. */
async function* explained(
  chunks: AsyncIterable<Buffer>,
  unfetchable: (why: Error) => UnfetchableError,
): AsyncGenerator<Buffer, void, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: Error) => {
        throw unfetchable(error);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
