/** Keys of pairs: which values can be one, and the part of a shuffle that a key goes to, the same on every machine. */

/** What can be a key: what is equal by value. */
export type Key = string | number | bigint | boolean;

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

/** A 32-bit hash of a key. Throws a TypeError if the value cannot be a key. */
export function hashKey(key: unknown): number {
  switch (typeof key) {
    case 'string':
      return hashText(key);
    case 'number': {
      // 0 and -0 are the same key, as in a Map.
      FLOAT[0] = key === 0 ? 0 : key;
      return mix((WORDS[0] as number) ^ Math.imul(WORDS[1] as number, 0x85ebca6b));
    }
    case 'bigint':
      return hashText(`${key}n`);
    case 'boolean':
      return mix(key ? 1 : 2);
    default:
      throw new TypeError(
        `A key must be a string, a number, a bigint or a boolean, not ${key === null ? 'null' : `a value of type ${typeof key}`}.`,
      );
  }
}

/** The part, of so many, that a key goes to. */
export function partOf(key: unknown, parts: number): number {
  return hashKey(key) % parts;
}

/** FNV-1a over UTF-16 code units, mixed. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

/** The finaliser of MurmurHash3: every bit of the input changes half of those of the output. */
function mix(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
