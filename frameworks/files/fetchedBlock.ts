/** A block that a node fetches from another. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileClient } from './fileClient.ts';
import { writeChunks } from './receivedFile.ts';
import { publish, uploadDir } from './storedFile.ts';

/** What to fetch, and where to keep it. */
export interface FetchOptions {
  readonly client: FileClient;
  /** Of the file on the other node. */
  readonly url: string;
  /** The folder of this node. */
  readonly dir: string;
  readonly blockId: string;
  /** What it must be; absent: what the other node says that it is. */
  readonly expected?: { readonly bytes: number; readonly crc32: number };
}

/** Fetches a block and keeps it. Rejects, and keeps nothing, if it does not come whole, or is not what was expected. */
export async function fetchBlock({ client, url, dir, blockId, expected }: FetchOptions): Promise<{
  readonly bytes: number;
  readonly crc32: number;
}> {
  const temporary = join(uploadDir(dir), randomBytes(12).toString('hex'));
  await mkdir(uploadDir(dir), { recursive: true });
  try {
    const { bytes, chunks } = await client.get(url);
    const crc32 = await writeChunks(chunks, temporary);
    if (expected !== undefined && (bytes !== expected.bytes || crc32 !== expected.crc32))
      throw new Error(`GET ${url}: these are not the bytes of the block.`);
    await publish(dir, temporary, `blocks/${blockId}`, { type: 'crc32', crc32 });
    return { bytes, crc32 };
  } finally {
    await rm(temporary, { force: true });
  }
}
