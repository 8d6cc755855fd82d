/** Lines, and the fields that a delimiter makes of them, as places in bytes. */

const NEWLINE = 10;

/** Calls back with the place of each line in `bytes[start, end)`, without its newline. */
export function eachLine(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (start: number, end: number) => void,
): void {
  for (let at = start; at < end; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const lineEnd = newline < 0 || newline >= end ? end : newline;
    visit(at, lineEnd);
    at = lineEnd + 1;
  }
}

/** Where the fields of a line begin and end, as far as they were asked for. Used again for each line. */
export class Fields {
  readonly #delimiter: number;
  readonly #starts: Int32Array;
  #count = 0;

  /** `delimiter`: one byte. `fieldsMax`: fields behind are not looked for. */
  constructor(delimiter: number, fieldsMax: number) {
    this.#delimiter = delimiter;
    this.#starts = new Int32Array(fieldsMax + 1);
  }

  /** Splits the line `bytes[start, end)`. Returns how many fields there are, of those that were asked for. */
  split(bytes: Uint8Array, start: number, end: number): number {
    const starts = this.#starts;
    const most = starts.length - 1;
    const delimiter = this.#delimiter;
    starts[0] = start;
    let count = 1;
    let at = start;
    for (; at < end; at += 1) {
      if (bytes[at] !== delimiter) continue;
      starts[count] = at + 1;
      if (count === most) break;
      count += 1;
    }
    if (at === end) starts[count] = end + 1;
    this.#count = count;
    return count;
  }

  start(field: number): number {
    return this.#starts[field] as number;
  }

  /** Where a field ends that {@link split} has found. */
  end(field: number): number {
    if (field >= this.#count) throw new RangeError(`There is no field ${field}.`);
    return (this.#starts[field + 1] as number) - 1;
  }
}

/** The whole number from 0 in `bytes[start, end)`; -1 if there is none. */
export function readWhole(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 15) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = 10 * value + digit;
  }
  return value;
}
