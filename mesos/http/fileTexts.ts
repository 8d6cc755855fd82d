/** Files as text: what is in them, and what is told of them. */
import { constants } from 'node:fs';

/**
 * Bytes as text, and how many of them. A character that the end of the part cuts is left for the next, unless there is nothing
 * else; what is no UTF-8 becomes U+FFFD.
 */
export function textOf(bytes: Buffer): {
  readonly data: string;
  readonly length: number;
} {
  const end = bytes.length - cutBytes(bytes);
  const whole = end === 0 ? bytes : bytes.subarray(0, end);
  return { data: whole.toString('utf8'), length: whole.length };
}

/** Length of a character at the end that has begun and is not whole. */
function cutBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? back : 0;
  }
  return 0;
}

const { S_IFMT, S_IFSOCK, S_IFLNK, S_IFREG, S_IFBLK, S_IFDIR, S_IFCHR, S_IFIFO } = constants;
const KINDS: Readonly<Record<number, string>> = {
  [S_IFSOCK]: 's',
  [S_IFLNK]: 'l',
  [S_IFREG]: '-',
  [S_IFBLK]: 'b',
  [S_IFDIR]: 'd',
  [S_IFCHR]: 'c',
  [S_IFIFO]: 'p',
};

/** As `ls -l` has it, e.g. `-rw-r--r--`. */
export function modeText(mode: number): string {
  const rights = ['r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'];
  const special = [0o4000, 0o2000, 0o1000];
  const text = rights.map((right, n) => {
    const isSet = (mode & (0o400 >> n)) !== 0;
    if (n % 3 !== 2 || (mode & (special[(n - 2) / 3] as number)) === 0) return isSet ? right : '-';
    const letter = n === 8 ? 't' : 's';
    return isSet ? letter : letter.toUpperCase();
  });
  return `${KINDS[mode & S_IFMT] ?? '?'}${text.join('')}`;
}

/** A file's name for `Content-Disposition`, as RFC 6266 has it: for names of any characters. */
export function fileName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const plain = name.replace(/[^ -~]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${encoded}`;
}
