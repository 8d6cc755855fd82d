/** Reading text by whole lines, in bounded memory, from anything that gives bytes. */

/** Something that gives bytes, one read after the other. */
export interface ByteSource {
  /** Puts up to `into.length - at` bytes into a buffer. Resolves to how many; 0 at the end. */
  read(into: Buffer, at: number): Promise<number>;
}

/** Takes whole lines: `bytes[start, end)`, each line with its newline; it may overwrite them. */
export type LinesVisitor = (bytes: Buffer, start: number, end: number) => void;

const NEWLINE = 10;
const BUFFER_BYTES = 512 * 1024;
/** A longer line is refused: it would have to be held in memory. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Calls back with all lines of a source, many at a time. A last line without a newline gets one. Resolves to
 * the number of bytes read. Rejects if a line is longer than `lineBytesMax`, or with the error of the source.
 */
export async function readLines(
  source: ByteSource,
  visit: LinesVisitor,
  lineBytesMax = LINE_BYTES_MAX,
): Promise<number> {
  // One byte more than is ever read: room for the newline that a last line may lack.
  let buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES + 1);
  let held = 0;
  let total = 0;
  for (;;) {
    const read = await source.read(buffer.subarray(0, buffer.length - 1), held);
    if (read === 0) break;
    total += read;
    // What was held before has no newline.
    const last = buffer.subarray(held, held + read).lastIndexOf(NEWLINE);
    const end = last < 0 ? 0 : held + last + 1;
    held += read;
    if (end > 0) {
      visit(buffer, 0, end);
      buffer.copyWithin(0, end, held);
      held -= end;
    }
    if (held > lineBytesMax)
      throw new Error(`A line is longer than ${lineBytesMax} bytes: this is not text.`);
    if (held === buffer.length - 1) {
      const larger = Buffer.allocUnsafe(2 * held + 1);
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
    }
  }
  if (held > 0) {
    buffer[held] = NEWLINE;
    visit(buffer, 0, held + 1);
  }
  return total;
}
