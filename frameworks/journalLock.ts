/**
 * The kernel's lock on a scheduler's journal, so that two never have the same: on a file beside it. Node cannot ask for the lock;
 * Debian's `flock` does, on the open file that it inherits. It is gone with this process, however that ends.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Locks `path.lock` for this process, and makes its folder. Returns the open file. Throws, in one sentence, if another has it. */
export function lockJournal(path: string): number {
  let lock: number;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    lock = openSync(`${path}.lock`, 'a', 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', lock],
  });
  if (status === 0) return lock;
  closeSync(lock);
  if (error !== undefined)
    throw new Error(`'flock' of Debian's util-linux cannot be started: ${error.message}; install it`);
  throw new Error(
    `the journal ${path} is in use by another scheduler; stop that first, or name another file`,
  );
}

/** What is told of a journal that cannot be written, in one sentence. */
export function unwritable(path: string, error: unknown): Error {
  const { message } = error as Error;
  const what = `the journal ${path} cannot be written: ${message}`;
  return new Error(`${what}; free some space, or name another file`, { cause: error });
}
