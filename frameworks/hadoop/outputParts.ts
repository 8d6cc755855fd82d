/** The parts that a job's output consists of: their names and their lines, as in Hadoop. */
import { VALUE_CHARACTERS_MAX } from './program/mapReduce.ts';
import { copyBytes } from './records/record.ts';

/** `part-r-00003` is the output of reduce 3, `part-m-00003` that of map 3 of a map-only job. */
export function partName(type: 'map' | 'reduce', index: number): string {
  return `part-${type === 'map' ? 'm' : 'r'}-${String(index).padStart(5, '0')}`;
}

const TAB = 9;
const NEWLINE = 10;

/** How many bytes {@link writeLine} needs at most, beside the key. */
export const LINE_MARGIN_BYTES = VALUE_CHARACTERS_MAX + 2;

/** Writes `key TAB value NEWLINE` at a place. Returns the place after it. */
export function writeLine(
  into: Buffer,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
  format?: (value: number) => string,
): number {
  let place = copyBytes(bytes, start, end, into, at);
  into[place] = TAB;
  place += 1;
  if (format !== undefined) place += into.write(format(value), place, VALUE_CHARACTERS_MAX, 'latin1');
  else if (value < 10) {
    into[place] = 48 + value;
    place += 1;
  } else place += into.write(String(value), place, 'latin1');
  into[place] = NEWLINE;
  return place + 1;
}
