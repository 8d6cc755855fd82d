/** Files of this machine on their way into the block store. */
import { createReadStream } from 'node:fs';
import type { Dfs, WriteOptions } from '../../../frameworks/dfs/dfs.ts';
import { formatBytes } from '../byteSize.ts';
import { CommandError, infrastructureError } from '../exit.ts';
import type { LocalFile } from './location.ts';
import type { Surroundings } from './submission.ts';

const READ_BYTES = 1 << 20;
const MIB = 1 << 20;
const NEWLINE = Buffer.from('\n');

/** How to put them there. */
export interface PutOptions extends Pick<WriteOptions, 'blockBytes' | 'replication'> {
  readonly surroundings: Surroundings;
}

/** Makes one file of them, so that many small ones do not make many small maps; each begins on a line of its own. */
export async function putFiles(
  dfs: Dfs,
  path: string,
  files: readonly LocalFile[],
  { surroundings, ...how }: PutOptions,
): Promise<void> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const bar = surroundings.start(
    files.length === 1 ? `store ${files[0]?.path}` : `store ${files.length} files`,
  );
  const progress = (stored: number): void =>
    bar.report(Math.floor(stored / MIB), Math.max(1, Math.ceil(bytes / MIB)), `MiB, ${formatBytes(stored)}`);
  try {
    await dfs.write(path, lines(files, surroundings), { ...how, progress });
    bar.end(formatBytes(bytes));
  } catch (error) {
    bar.end('failed');
    throw error;
  }
}

async function* lines(files: readonly LocalFile[], { interruption }: Surroundings): AsyncGenerator<Buffer> {
  let last: number | undefined = NEWLINE[0];
  for (const { path } of files) {
    let isFirst = true;
    try {
      for await (const chunk of createReadStream(path, {
        highWaterMark: READ_BYTES,
      }) as AsyncIterable<Buffer>) {
        interruption.check();
        if (isFirst && last !== NEWLINE[0]) yield NEWLINE;
        isFirst = false;
        yield chunk;
        last = chunk.at(-1);
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw infrastructureError(`${path} cannot be read: ${(error as Error).message}`, error);
    }
  }
}
