/**
 * Finds the lines that contain a text, literally: `SELECT * FROM grep WHERE field LIKE '%XYZ%'` of HIVE-396.
 */
import type { Output, ScanProgram } from './mapReduce.ts';

const NEWLINE = 10;

/** The program that finds the lines with this pattern, as UTF-8. */
export function textSearch(pattern: string): ScanProgram {
  const wanted = Buffer.from(pattern, 'utf8');
  return {
    shape: 'scan',
    scan: (bytes, start, end, output) => searchLines(wanted, bytes, start, end, output),
  };
}

/** Searches all lines at once, which is native and fast, and looks for the line's ends only about a find. */
function searchLines(wanted: Buffer, bytes: Buffer, start: number, end: number, output: Output): void {
  const lines = bytes.subarray(0, end);
  for (let at = start; at < end; ) {
    const found = lines.indexOf(wanted, at);
    if (found < 0) return;
    const lineStart = found === 0 ? 0 : lines.lastIndexOf(NEWLINE, found - 1) + 1;
    const newline = lines.indexOf(NEWLINE, found);
    const lineEnd = newline < 0 ? end : newline + 1;
    output.write(lines, Math.max(lineStart, start), lineEnd);
    at = lineEnd;
  }
}
