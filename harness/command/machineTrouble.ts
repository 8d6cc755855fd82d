/** What the machine refuses, in words: nobody's mistake in the code, so no stack is told of it. */

/** By the system's names (errno(3)). */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room, and say it again',
  EDQUOT: 'the disk quota is used up: make room, and say it again',
  EROFS: 'the file system is read-only',
  EIO: 'the disk fails to read or write',
  EMFILE: 'this process has too many files open: raise the limit (ulimit -n)',
  ENFILE: 'all processes together have too many files open',
  ENOMEM: 'there is no memory left',
};

/** One sentence on what the machine refused to do; undefined if the error is of another kind. */
export function machineTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  if (words === undefined) return machineTrouble(error.cause);
  return path === undefined ? words : `${path} cannot be written or read: ${words}`;
}
