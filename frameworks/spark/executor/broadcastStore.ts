/** Broadcast values on an executor: fetched once, in memory that all of its threads share. */

import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Site } from '../../files/site.ts';
import { urlOn } from '../../files/site.ts';
import { findStored, type StoredPath } from '../../files/storedFile.ts';
import type { BroadcastAt } from '../taskData.ts';
import { broadcastPath } from './taskContext.ts';

/** Values that are kept in memory together; the least recently used leave first, and are asked for again. */
const HELD_BYTES_MAX = 512 * 1024 * 1024;

/** The broadcasts that an executor has. */
export class BroadcastStore {
  readonly #site: Site;
  readonly #space: string;
  readonly #held = new Map<number, Promise<SharedArrayBuffer>>();
  readonly #bytes = new Map<number, number>();

  constructor(site: Site, space: string) {
    this.#site = site;
    this.#space = space;
  }

  /** The bytes of values that a task needs. Rejects with one sentence if one cannot be fetched. */
  async bytesOf(broadcasts: readonly BroadcastAt[]): Promise<{
    readonly found: ReadonlyMap<number, SharedArrayBuffer>;
    readonly unknown: readonly number[];
  }> {
    const unknown: number[] = [];
    const found = new Map<number, SharedArrayBuffer>();
    for (const broadcast of broadcasts) {
      const bytes = this.#find(broadcast);
      if (bytes === undefined) unknown.push(broadcast.id);
      else found.set(broadcast.id, await bytes);
    }
    return { found, unknown };
  }

  forget(id: number): void {
    this.#held.delete(id);
    this.#bytes.delete(id);
  }

  #find({ id, from }: BroadcastAt): Promise<SharedArrayBuffer> | undefined {
    const held = this.#held.get(id);
    if (held !== undefined) {
      this.#held.delete(id);
      this.#held.set(id, held);
      return held;
    }
    switch (from.type) {
      case 'known':
        return undefined;
      case 'inline':
        return this.#hold(
          id,
          from.bytes.length,
          Promise.resolve(sharedCopy([from.bytes], from.bytes.length)),
        );
      case 'file':
        return this.#hold(id, from.bytes, this.#fetch(id, from.hosts, from.bytes));
      default:
        return from satisfies never;
    }
  }

  #hold(id: number, bytes: number, value: Promise<SharedArrayBuffer>): Promise<SharedArrayBuffer> {
    this.#held.set(id, value);
    this.#bytes.set(id, bytes);
    value.catch(() => this.forget(id));
    let sum = 0;
    for (const held of this.#bytes.values()) sum += held;
    for (const oldest of this.#held.keys()) {
      if (sum <= HELD_BYTES_MAX || oldest === id) break;
      sum -= this.#bytes.get(oldest) ?? 0;
      this.forget(oldest);
    }
    return value;
  }

  /** From this node's disk if it is there, else from another that has it; executors begin with different ones. */
  async #fetch(id: number, hosts: readonly string[], bytes: number): Promise<SharedArrayBuffer> {
    const { hostname, dir, nodes, client } = this.#site;
    const path = broadcastPath(this.#space, id);
    const complaints: string[] = [];
    if (hosts.includes(hostname))
      try {
        return await fromDisk(dir, path, bytes);
      } catch (error) {
        complaints.push((error as Error).message);
      }
    const others = hosts.filter((host) => host !== hostname);
    const first = [...hostname].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    for (let n = 0; n < others.length; n++) {
      const host = others[(first + n) % others.length] as string;
      try {
        const download = await (await client()).get(urlOn(nodes, host, path));
        return sharedCopy(await Array.fromAsync(download.chunks), bytes);
      } catch (error) {
        complaints.push((error as Error).message.replace(/\.$/, ''));
      }
    }
    throw new Error(`Broadcast ${id} cannot be fetched: ${complaints.join('; ') || 'no node has it'}.`);
  }
}

async function fromDisk(dir: string, path: StoredPath, bytes: number): Promise<SharedArrayBuffer> {
  const stored = await findStored(dir, path);
  if (stored?.bytes !== bytes || stored.beside.type !== 'crc32')
    throw new Error('it is not on the disk of this node');
  const chunks: Buffer[] = await Array.fromAsync(createReadStream(stored.file));
  if (chunks.reduce((sum, chunk) => crc32(chunk, sum), 0) !== stored.beside.crc32)
    throw new Error('it is damaged on the disk of this node');
  return sharedCopy(chunks, bytes);
}

function sharedCopy(chunks: readonly Uint8Array[], bytes: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes);
  const view = new Uint8Array(shared);
  let at = 0;
  for (const chunk of chunks) {
    if (at + chunk.length > bytes) throw new Error('A broadcast has more bytes than it should.');
    view.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes) throw new Error(`A broadcast has ${at} bytes instead of ${bytes}.`);
  return shared;
}
