/** The parts that a job's output consists of: their names and their lines, as in Hadoop. */

/** `part-r-00003` is the output of reduce 3, `part-m-00003` that of map 3 of a map-only job. */
export function partName(type: 'map' | 'reduce', index: number): string {
  return `part-${type === 'map' ? 'm' : 'r'}-${String(index).padStart(5, '0')}`;
}

const TAB = 9;
const NEWLINE = 10;
/** Most digits of a value. */
const DIGITS_MAX = 16;

/** How many bytes {@link writeLine} needs at most, beside the key. */
export const LINE_MARGIN_BYTES = DIGITS_MAX + 2;

/** Writes `key TAB value NEWLINE` at a place. Returns the place after it. */
export function writeLine(
  into: Buffer,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
): number {
  let place = at;
  for (let from = start; from < end; from += 1, place += 1) into[place] = bytes[from] as number;
  into[place] = TAB;
  place += 1;
  if (value < 10) {
    into[place] = 48 + value;
    place += 1;
  } else place += into.write(String(value), place, 'latin1');
  into[place] = NEWLINE;
  return place + 1;
}
