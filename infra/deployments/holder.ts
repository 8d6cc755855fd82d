/**
 * Who is at work on a deployment: one process at a time. Who was killed is so no longer; of who is on another machine that has this
 * folder too, or in another container, nobody here can know that.
 */
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { ownIdentity, stateOf } from '../processIdentity.ts';

const HolderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  startTicks: v.number(),
  bootId: v.string(),
  pidNamespace: v.string(),
  host: v.string(),
  /** What it does, e.g. `lab up`. */
  work: v.string(),
});
/** A process that is at work on a deployment. */
export type Holder = Readonly<v.InferOutput<typeof HolderSchema>>;

/** Somebody else is at work on it. */
export class HeldError extends Error {}

const FILE = 'at-work.json';

/** Who is at work on the deployment in this folder, as far as can be seen from here; undefined if nobody is. */
export function holderOf(folder: string): Holder | undefined {
  return possibleHolder(textOf(join(folder, FILE)) ?? '');
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
    const holder = possibleHolder(there);
    if (holder !== undefined && isOwn(holder)) return 'taken before';
    if (holder !== undefined) throw new HeldError(heldInWords(holder, file));
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

function possibleHolder(text: string): Holder | undefined {
  try {
    const holder = v.parse(HolderSchema, JSON.parse(text));
    return stateOf(holder) === 'ended' ? undefined : holder;
  } catch {
    return undefined;
  }
}

const isOwn = (holder: Holder): boolean => holder.pid === process.pid && stateOf(holder) === 'running';

function heldInWords(holder: Holder, file: string): string {
  const { work, pid, host } = holder;
  const state = stateOf(holder);
  switch (state) {
    case 'running':
    case 'ended':
      return `'${work}' is at work on it, process ${pid}: wait for it, or end it`;
    case 'elsewhere':
      return (
        `it is held by ${host}, process ${pid} ('${work}'), which cannot be seen from here: wait for it, or end it there; ` +
        `if that is gone, remove ${file}`
      );
    default:
      return state satisfies never;
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
