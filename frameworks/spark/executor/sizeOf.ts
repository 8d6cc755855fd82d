/** How much memory a value takes, about: what V8 takes for it on 64 bits with 8-byte tagged values. */

/** Elements of an array that are looked at; the others are taken to be like them. */
const SAMPLE = 64;
/** Deeper than this nothing is looked at. */
const DEPTH_MAX = 32;

/** Bytes of a value and all that it holds. What it holds twice counts once, if it is looked at twice. */
export function sizeOf(value: unknown): number {
  return sizeIn(value, new Set(), 0);
}

function sizeIn(value: unknown, seen: Set<unknown>, depth: number): number {
  switch (typeof value) {
    case 'string':
      // A one-byte string, padded; two bytes where a character needs them, which a glance at the first tells.
      return 24 + (isWide(value) ? 2 : 1) * value.length;
    case 'number':
      // A double is a heap number unless it is a small integer, which stands in the slot of its holder.
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : 16;
    case 'bigint':
      return 24;
    case 'object':
      break;
    default:
      return 0;
  }
  if (value === null || seen.has(value)) return 0;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return 200 + bufferBytes(value.buffer, seen);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bufferBytes(value, seen);
  if (depth > DEPTH_MAX) return 64;
  if (Array.isArray(value)) return sizeOfArray(value, seen, depth);
  if (value instanceof Map) {
    const entries = [...value].flat();
    return 64 + 24 * value.size + sizeOfElements(entries, seen, depth);
  }
  if (value instanceof Set) return 64 + 16 * value.size + sizeOfElements([...value], seen, depth);
  if (value instanceof Date || value instanceof RegExp) return 96;
  let bytes = 24;
  for (const property of Object.values(value)) bytes += 8 + sizeIn(property, seen, depth + 1);
  return bytes;
}

function sizeOfArray(array: readonly unknown[], seen: Set<unknown>, depth: number): number {
  // Doubles alone stand in the array itself.
  const isOfDoubles = array.length > 0 && array.every((one) => typeof one === 'number');
  return 32 + 8 * array.length + (isOfDoubles ? 0 : sizeOfElements(array, seen, depth));
}

function sizeOfElements(elements: readonly unknown[], seen: Set<unknown>, depth: number): number {
  const step = Math.max(1, Math.floor(elements.length / SAMPLE));
  let [bytes, looked] = [0, 0];
  for (let at = 0; at < elements.length; at += step) {
    bytes += sizeIn(elements[at], seen, depth + 1);
    looked++;
  }
  return looked === 0 ? 0 : Math.round((bytes / looked) * elements.length);
}

function bufferBytes(buffer: ArrayBufferLike, seen: Set<unknown>): number {
  if (seen.has(buffer)) return 0;
  seen.add(buffer);
  return 100 + buffer.byteLength;
}

function isWide(text: string): boolean {
  const end = Math.min(text.length, SAMPLE);
  for (let at = 0; at < end; at++) if (text.charCodeAt(at) > 255) return true;
  return false;
}
