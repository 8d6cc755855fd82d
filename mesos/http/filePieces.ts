/** The content of open files as pieces for an answer: no more is read than the reader takes, and the file is closed when it leaves. */
import type { FileHandle } from 'node:fs/promises';
import type { Clock, Millis } from '../runtime/actor.ts';

const PIECE_BYTES = 64 << 10;
/** How often one looks if a file has grown. */
const FOLLOW_MS: Millis = 250;

/** Pieces that were begun to be read, or not: `return` closes what they come from in either case. */
export type Pieces = AsyncIterable<Uint8Array>;

/** The first so many bytes of a file. Fails if there are not so many any more: their number was announced. */
export function wholeFile(handle: FileHandle, sizeBytes: number, closed: () => void): Pieces {
  let position = 0;
  return pieces(handle, closed, async () => {
    if (position === sizeBytes) return undefined;
    const piece = await readAt(handle, position, Math.min(PIECE_BYTES, sizeBytes - position));
    if (piece.length === 0) throw new Error('the file became shorter while it was sent');
    position += piece.length;
    return piece;
  });
}

/** What is needed to follow a file. */
export interface FollowOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Where to begin. */
  readonly offset: number;
  /** Has everybody who would write to it ended? */
  readonly isOver: () => boolean;
  readonly closed: () => void;
}

/** A file as it grows, until nobody can write to it any more. One that becomes shorter is read again from its start. */
export function followedFile(handle: FileHandle, { clock, offset, isOver, closed }: FollowOptions): Pieces {
  let position = offset;
  return pieces(handle, closed, async (isClosed) => {
    while (!isClosed()) {
      // Asked before, so that what was written last is read.
      const isLast = isOver();
      const { size } = await handle.stat();
      if (size < position) position = 0;
      const piece = await readAt(handle, position, PIECE_BYTES);
      position += piece.length;
      if (piece.length > 0) return piece;
      if (isLast) return undefined;
      await new Promise<void>((resolve) => clock.after(FOLLOW_MS, resolve));
    }
    return undefined;
  });
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

function pieces(
  handle: FileHandle,
  closed: () => void,
  read: (isClosed: () => boolean) => Promise<Buffer | undefined>,
): Pieces {
  let isClosed = false;
  const close = async (): Promise<IteratorResult<Buffer, undefined>> => {
    if (!isClosed) {
      isClosed = true;
      closed();
      // Waits for a read that is under way.
      await handle.close();
    }
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterator<Buffer, undefined> = {
    async next() {
      if (isClosed) return close();
      try {
        const piece = await read(() => isClosed);
        return piece === undefined ? close() : { done: false, value: piece };
      } catch (error) {
        if (isClosed) return close();
        await close();
        throw error;
      }
    },
    return: close,
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
