/** Who is at work on a deployment: one process at a time. Who was killed is so no longer. */
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { isRunning, ownIdentity } from '../processIdentity.ts';

const HolderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  startTicks: v.number(),
  bootId: v.string(),
  /** What it does, e.g. `lab up`. */
  work: v.string(),
});
/** A process that is at work on a deployment. */
export type Holder = Readonly<v.InferOutput<typeof HolderSchema>>;

/** Somebody else is at work on it. */
export class HeldError extends Error {}

const FILE = 'at-work.json';

/** Who is at work on the deployment in this folder; undefined if nobody is. */
export function holderOf(folder: string): Holder | undefined {
  return runningHolder(textOf(join(folder, FILE)) ?? '');
}

/**
 * Takes hold of a deployment until this process ends, or disposes of the hold. Of those that do so at the same moment one gets it.
 * Throws a HeldError if another process has it, or if the folder is not there.
 */
export function hold(folder: string, work: string): Disposable {
  const own = JSON.stringify({ ...ownIdentity(), work } satisfies Holder);
  const file = join(folder, FILE);
  // Whole before it has its name.
  const part = join(folder, `.${FILE}.${randomUUID()}`);
  try {
    writeFileSync(part, own, { mode: 0o600, flush: true });
    return take(file, part, own) === 'taken before'
      ? { [Symbol.dispose]: () => {} }
      : { [Symbol.dispose]: () => textOf(file) === own && rmSync(file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new HeldError('it has been taken down at this moment: say it again', { cause: error });
    throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

/**
 * Links `part` to a file that is one process's alone. What one that has ended left there is replaced by whoever has taken the file
 * that is named after it, in the same way: so only one does, and it knows that nobody has before.
 */
function take(file: string, part: string, own: string): 'taken' | 'taken before' {
  for (;;) {
    if (isLinked(part, file)) return 'taken';
    const there = textOf(file);
    // Let go meanwhile.
    if (there === undefined) continue;
    const holder = runningHolder(there);
    if (holder?.pid === process.pid) return 'taken before';
    if (holder !== undefined)
      throw new HeldError(`'${holder.work}' is at work on it, process ${holder.pid}: wait for it, or end it`);
    const next = `${file}.${createHash('sha256').update(there).digest('hex').slice(0, 16)}`;
    take(next, part, own);
    if (textOf(file) === there) {
      renameSync(next, file);
      return 'taken';
    }
    rmSync(next);
  }
}

/** False if there is such a file. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function runningHolder(text: string): Holder | undefined {
  try {
    const holder = v.parse(HolderSchema, JSON.parse(text));
    return isRunning(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
