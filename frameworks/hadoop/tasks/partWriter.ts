/** Writing a part of a job's output: to a file of the task's own, then to this node, then to others. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { urlOn } from '../../files/site.ts';
import { partPath, publish } from '../../files/storedFile.ts';
import { LINE_MARGIN_BYTES, writeLine } from '../outputParts.ts';
import type { Output } from '../program/mapReduce.ts';
import { copyBytes } from '../records/record.ts';
import { writeAll } from '../records/runWriter.ts';
import type { TaskData, TaskReport } from '../taskData.ts';
import type { TaskContext } from './taskContext.ts';

const BUFFER_BYTES = 256 * 1024;

/** A part that is being written, in a buffer and a file. */
export class PartWriter implements Output {
  readonly path: string;
  readonly #file: number;
  #buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #end = 0;
  #bytes = 0;
  #lines = 0;
  #crc = 0;

  /** Throws the error of the file system if the file cannot be made. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'w');
  }

  get bytes(): number {
    return this.#bytes;
  }

  get crc(): number {
    return this.#crc;
  }

  /** How often something was written: lines, if each was written at once. */
  get lines(): number {
    return this.#lines;
  }

  /** Writes bytes as they are. */
  write(bytes: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    this.#end = copyBytes(bytes, start, end, this.#buffer, this.#end);
    this.#lines += 1;
  }

  /** Writes a key and its value as a line. */
  writeLine(
    bytes: Uint8Array,
    start: number,
    end: number,
    value: number,
    format?: (value: number) => string,
  ): void {
    this.#makeRoom(end - start + LINE_MARGIN_BYTES);
    this.#end = writeLine(this.#buffer, this.#end, bytes, start, end, value, format);
    this.#lines += 1;
  }

  /** Ends the file; its length and checksum are known from then on. */
  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#file);
    }
  }

  /** Ends the file as it is. */
  abandon(): void {
    closeSync(this.#file);
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    this.#flush();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
  }

  #flush(): void {
    const filled = this.#buffer.subarray(0, this.#end);
    this.#crc = crc32(filled, this.#crc);
    writeAll(this.#file, filled);
    this.#bytes += filled.length;
    this.#end = 0;
  }
}

/**
 * Stores a part that was closed: here, and on as many other nodes as the job wants. Other nodes may fail;
 * then the next ones are tried. Resolves to who holds it.
 */
export async function storePart(
  part: PartWriter,
  name: string,
  { jobId, attempt }: Pick<TaskData, 'jobId' | 'attempt'>,
  context: TaskContext,
): Promise<NonNullable<TaskReport['part']>> {
  const { hostname, dir, nodes, tracker } = context;
  const file = attempt === undefined ? name : `${name}.${attempt}`;
  const path = partPath(tracker.space, jobId, file);
  const { bytes, crc } = part;
  await publish(dir, part.path, path, { type: 'crc32', crc32: crc });
  const hosts = [hostname];
  const all = Object.keys(nodes).sort();
  const own = all.indexOf(hostname);
  const others = [...all.slice(own + 1), ...all.slice(0, Math.max(0, own))];
  for (const host of others) {
    if (hosts.length >= tracker.outputReplication) break;
    try {
      const client = await context.client();
      await client.put(urlOn(nodes, host, path), {
        from: 'file',
        path: join(dir, path),
        bytes,
        crc32: crc,
      });
      hosts.push(host);
    } catch {
      // That node is gone or full: the next one may do. What is reported are the nodes that did.
    }
  }
  return { name, hosts, crc32: crc, ...(file !== name && { file }) };
}
