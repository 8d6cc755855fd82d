/** Amounts of money as whole millionths: sums of them are exact, in any order and grouping, which floating-point sums are not. */

const DECIMALS = 6;
const UNIT = 10 ** DECIMALS;
const POINT = 46;

/** The amount in `bytes[start, end)`, e.g. `12.5`, in millionths; -1 if it is none, or less than 0. At most six decimals are read. */
export function readMicros(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let decimals = -1;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      if (decimals === DECIMALS) continue;
      value = 10 * value + digit;
      if (decimals >= 0) decimals += 1;
    } else if (bytes[at] === POINT && decimals < 0 && at > start) decimals = 0;
    else return -1;
  }
  if (start === end) return -1;
  for (let missing = DECIMALS - Math.max(0, decimals); missing > 0; missing -= 1) value *= 10;
  return Number.isSafeInteger(value) ? value : -1;
}

/** An amount of so many millionths, e.g. `12.5`, without zeros at the end. */
export function formatMicros(micros: number): string {
  const whole = Math.floor(micros / UNIT);
  const rest = micros % UNIT;
  if (rest === 0) return String(whole);
  return `${whole}.${String(rest).padStart(DECIMALS, '0').replace(/0+$/, '')}`;
}

/** The sum of two amounts. Throws a RangeError when it can no longer be exact, beyond 9 thousand million. */
export function addMicros(a: number, b: number): number {
  const sum = a + b;
  if (sum > Number.MAX_SAFE_INTEGER)
    throw new RangeError('A sum of revenues is larger than 9,007,199,254 and could not be exact.');
  return sum;
}
