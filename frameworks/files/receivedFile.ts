/** Writing what comes from the network to a file. */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Chunks are collected to writes of so many bytes: while one is under way, the next fills. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Writes chunks to a new file. Resolves to their CRC-32; rejects if they break off or cannot be written. Then
 * the rest is read all the same and forgotten: to leave it unread would cut the connection before the sender
 * is told why.
 */
export async function writeChunks(chunks: AsyncIterable<Buffer>, file: string): Promise<number> {
  const handle = await open(file, 'wx');
  let writing: Promise<void> = Promise.resolve();
  try {
    let crc = 0;
    let failure: Error | undefined;
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    const writeWaiting = async (): Promise<void> => {
      await writing;
      if (failure !== undefined) return;
      writing = writeAll(handle, waiting).catch((error: Error) => {
        failure = error;
      });
      waiting = [];
      waitingBytes = 0;
    };
    for await (const chunk of chunks) {
      if (failure !== undefined) continue;
      crc = crc32(chunk, crc);
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes >= WRITE_BYTES) await writeWaiting();
    }
    await writeWaiting();
    await writing;
    if (failure !== undefined) throw failure;
    return crc;
  } finally {
    await writing;
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest);
    const left: Buffer[] = [];
    for (const chunk of rest) {
      if (bytesWritten < chunk.length) left.push(bytesWritten > 0 ? chunk.subarray(bytesWritten) : chunk);
      bytesWritten = Math.max(0, bytesWritten - chunk.length);
    }
    rest = left;
  }
}
