/** Files that are made, written and closed, whether or not whoever wrote them has failed. */
import { createWriteStream, type WriteStream } from 'node:fs';

/**
 * Makes a file and writes to it. When this settles the file is closed, so that it can be removed or executed: a stream may open its
 * file after the pipeline that it is in has failed. Rejects with EEXIST if something is there, also a link.
 */
export async function writeNew(path: string, write: (file: WriteStream) => Promise<void>): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx' });
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  try {
    await write(file);
  } finally {
    file.destroy();
    await closed;
  }
}
