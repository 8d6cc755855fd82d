/** Temporary folders that are named after the process that made them: what is left of one that was killed can be told from the rest. */
import { lstatSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All that we make in the folder for temporary files begins with it. */
const PREFIX = 'mesos-lab-';

/** Makes a folder of this process's own, e.g. `/tmp/mesos-lab-trial-4711-x8Fb2Q`. Whoever asks removes it. */
export function makeOwnFolder(purpose: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${purpose}-${process.pid}-`));
}

/** Name of the root group of this process's own control groups, e.g. `mesos-lab-4711`: it too tells whose it was. */
export function ownGroup(): string {
  return `${PREFIX}${process.pid}`;
}

/** Was the process that a root group is named after ours, and is it gone? */
export function isGroupOfTheDead(name: string): boolean {
  return isOfTheDead(name, /^mesos-lab-(?:[a-z]+-)?(\d+)$/);
}

/** Paths of the folders that processes of this user have made which are gone now. */
export async function foldersOfTheDead(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  return names
    .filter((name) => isOfTheDead(name, /^mesos-lab-(?:[a-z]+-)?(\d+)-[^-]{6}$/))
    .map((name) => join(tmpdir(), name))
    .filter(isOurs);
}

function isOfTheDead(name: string, pattern: RegExp): boolean {
  const pid = Number(pattern.exec(name)?.[1]);
  return pid > 0 && !isRunning(pid);
}

function isOurs(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
