/** The table `grep`: a key of 10 bytes, and a field of 90 random ones, in few of which a pattern stands (SIGMOD'09 §4.2.1). */
import { seededUniform } from '../random.ts';
import { checkRows, DELIMITER, inChunks } from './table.ts';

/** The columns, in order. */
export const GREP = { key: 0, field: 1 } as const;
/** What is searched for. */
export const GREP_PATTERN = 'XYZ';
/** One in so many rows has it. */
const GREP_ROWS_PER_MATCH = 10_000;
const FIELD_BYTES = 90;
/** Without upper-case letters, the pattern stands nowhere by chance. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** A pool from which fields are cut: drawing each letter would take longer than all the rest. */
const POOL_CHARACTERS = 1 << 16;

/** How to make it. */
export interface GrepOptions {
  readonly rows: number;
  readonly seed: number;
  /** Default {@link GREP_ROWS_PER_MATCH}. */
  readonly rowsPerMatch?: number;
}

/** Bytes of one row. */
export const GREP_ROW_BYTES = 10 + 1 + FIELD_BYTES + 1;

/** The rows, in pieces of whole lines. Of every `rowsPerMatch` rows, any one has the pattern. */
export function grepTable({ rows, seed, rowsPerMatch = GREP_ROWS_PER_MATCH }: GrepOptions): Iterable<Buffer> {
  checkRows(rows);
  return inChunks(grepLines(rows, seed, rowsPerMatch));
}

function* grepLines(rows: number, seed: number, rowsPerMatch: number): Generator<string, void, void> {
  const uniform = seededUniform(`grep ${seed}`);
  let pool = '';
  while (pool.length < POOL_CHARACTERS) pool += LETTERS[Math.floor(uniform() * LETTERS.length)];
  let match = 0;
  for (let row = 0; row < rows; row += 1) {
    if (row % rowsPerMatch === 0) match = row + Math.floor(uniform() * rowsPerMatch);
    const start = Math.floor(uniform() * (POOL_CHARACTERS - FIELD_BYTES));
    const field = pool.slice(start, start + FIELD_BYTES);
    yield `${String(row).padStart(10, '0')}${DELIMITER}${row === match ? withPattern(field, uniform()) : field}\n`;
  }
}

function withPattern(field: string, where: number): string {
  const at = Math.floor(where * (FIELD_BYTES - GREP_PATTERN.length + 1));
  return field.slice(0, at) + GREP_PATTERN + field.slice(at + GREP_PATTERN.length);
}
