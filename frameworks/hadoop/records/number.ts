/** Whole numbers as bytes: little-endian base 128, as in protobuf. */

/** Most bytes of a number. */
export const NUMBER_BYTES_MAX = 8;

/** Writes a whole number from 0 to 2^53 - 1 at a place; returns the place after it. Throws a RangeError if it is something else. */
export function writeNumber(buffer: Uint8Array, at: number, value: number): number {
  let place = at;
  let rest = value;
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${value} is not a value: values are whole numbers from 0 to 2^53 - 1.`);
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128), place += 1) buffer[place] = (rest % 128) | 128;
  for (; rest > 127; rest >>>= 7, place += 1) buffer[place] = (rest & 127) | 128;
  buffer[place] = rest;
  return place + 1;
}

/** How many bytes {@link writeNumber} takes. */
export function numberBytes(value: number): number {
  if (value < 128) return 1;
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Reads the number that is all of `buffer[start, end)`. Throws an Error if it is none. */
export function readNumber(buffer: Uint8Array, start: number, end: number): number {
  const first = buffer[start] as number;
  if (end - start === 1 && first < 128) return first;
  let value = 0;
  let weight = 1;
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] as number;
    value += (byte & 127) * weight;
    weight *= 128;
    if (byte < 128 && at + 1 === end) return value;
  }
  throw new Error('A value that should be a number is none: the run is damaged.');
}
