/** Where something stands in a YAML document. */
import { type Document, isMap, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

/** A key or index for each step into the document. */
export type Path = readonly (string | number)[];

/** Something in the file is wrong. The message begins with `FILE:LINE:COLUMN: `. */
export class InventoryError extends Error {}

/** Makes an error about what stands at a path: its value, or its key. */
export type Complain = (path: Path, sentence: string, part?: 'key' | 'value') => InventoryError;

/** Complaints about a document of a file. */
export function complaints(file: string, document: Document.Parsed, lines: LineCounter): Complain {
  return (path, sentence, part = 'value') =>
    complaintAt(file, lines, offsetOf(document, path, part), sentence);
}

/** A complaint about what stands at an offset. */
export function complaintAt(
  file: string,
  lines: LineCounter,
  offset: number,
  sentence: string,
): InventoryError {
  const { line, col } = lines.linePos(offset);
  return new InventoryError(`${file}:${line}:${col}: ${sentence}`);
}

/** Offset of the last thing on the path that is there. */
function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const pair: Pair | undefined = isMap(node)
      ? node.items.find(({ key }) => String(key) === String(step))
      : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    const isLast = index === path.length - 1;
    const wanted = isLast && part === 'key' && pair !== undefined ? pair.key : (next ?? pair?.key);
    if (wanted === undefined || wanted === null) break;
    offset = startOf(wanted) ?? offset;
    node = next;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
