/**
 * The tables of the Hive benchmark (HIVE-396), after Pavlo et al., "A Comparison of Approaches to Large-Scale Data Analysis", SIGMOD
 * 2009, §4: their delimiter, and how they are written. Each table is a stream of lines, the same for the same seed on any machine.
 */

/** Between the fields of a line. */
export const DELIMITER = '|';

const CHUNK_CHARACTERS = 128 * 1024;

/** Gathers lines (ASCII, each with its newline) into larger pieces. */
export function* inChunks(lines: Iterable<string>): Generator<Buffer, void, void> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}

/** Throws a RangeError unless it is a whole number of rows. */
export function checkRows(rows: number): void {
  if (!Number.isSafeInteger(rows) || rows < 0)
    throw new RangeError(`A table has a whole number of rows, not ${rows}.`);
}
