/**
 * Finds the lines that contain a text, literally: `SELECT * FROM grep WHERE field LIKE '%XYZ%'` of HIVE-396.
 */
import { Fields } from './lines.ts';
import type { Mapper, Output, ScanProgram } from './mapReduce.ts';

const NEWLINE = 10;

/** In which field of a line to search; default: in all of it. */
export interface SearchedField {
  /** One character. */
  readonly delimiter: string;
  /** From 0. */
  readonly field: number;
}

/** The program that finds the lines with this pattern, as UTF-8. It counts them as `matches`. */
export function textSearch(pattern: string, within?: SearchedField): ScanProgram {
  const wanted = Buffer.from(pattern, 'utf8');
  return {
    shape: 'scan',
    startMap({ count }): Mapper<Output> {
      const isIn = within === undefined ? () => true : fieldTest(wanted, within);
      let matches = 0;
      return {
        map(bytes, start, end, output) {
          searchLines(wanted, bytes, start, end, (lines, lineStart, lineEnd) => {
            if (!isIn(lines, lineStart, lineEnd)) return;
            matches += 1;
            output.write(lines, lineStart, lineEnd);
          });
        },
        finish: () => count('matches', matches),
      };
    },
  };
}

/** Searches all lines at once, which is native and fast, and looks for the line's ends only about a find. */
function searchLines(
  wanted: Buffer,
  bytes: Buffer,
  start: number,
  end: number,
  found: (lines: Buffer, lineStart: number, lineEnd: number) => void,
): void {
  const lines = bytes.subarray(0, end);
  for (let at = start; at < end; ) {
    const match = lines.indexOf(wanted, at);
    if (match < 0) return;
    const lineStart = match === 0 ? 0 : lines.lastIndexOf(NEWLINE, match - 1) + 1;
    const newline = lines.indexOf(NEWLINE, match);
    const lineEnd = newline < 0 ? end : newline + 1;
    found(lines, Math.max(lineStart, start), lineEnd);
    at = lineEnd;
  }
}

/** Whether a field of a line contains the pattern. */
function fieldTest(wanted: Buffer, { delimiter, field }: SearchedField) {
  const fields = new Fields(delimiter.charCodeAt(0), field + 1);
  return (bytes: Buffer, start: number, end: number): boolean => {
    const last = bytes[end - 1] === NEWLINE ? end - 1 : end;
    if (fields.split(bytes, start, last) <= field) return false;
    return bytes.subarray(fields.start(field), fields.end(field)).includes(wanted);
  };
}
