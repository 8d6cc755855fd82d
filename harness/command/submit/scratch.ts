/**
 * What a submission puts into the block store for its own use, in a folder that says whose it is. A submission that is killed
 * cannot remove it; the next one on the same machine does.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import { deleteIntermediate, deleteOutput, deleteSpace } from '../../../frameworks/hadoop/jobFiles.ts';

/** All submissions have theirs in it. */
const ROOT = '/tmp/lab-submit';
const NOTE = 'files-of-';

/** The folder of a submission. */
export interface Scratch {
  readonly path: string;
  /** Notes that tasks write files in this space of the nodes: all there is in it, or only those of one job. */
  note(space: string, jobId: string | undefined): Promise<void>;
  /** Removes all that is noted, and the folder. Resolves to what could not be removed, one sentence each. */
  remove(): Promise<readonly string[]>;
}

/** A folder for this process. Removes those of processes of this machine that are gone. */
export async function openScratch(dfs: Dfs, secret: string): Promise<Scratch> {
  const host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-');
  for (const { path } of await listed(dfs, ROOT)) {
    const [, whose, pid] = /\/([^/_]+)_(\d+)_[0-9a-f]+$/.exec(path) ?? [];
    if (whose === host && !lives(Number(pid))) await removeScratch(dfs, path, secret);
  }
  const path = `${ROOT}/${host}_${process.pid}_${randomBytes(4).toString('hex')}`;
  const notes: Promise<unknown>[] = [];
  return {
    path,
    async note(space, jobId) {
      const written = dfs.write(`${path}/${NOTE}${space}${jobId === undefined ? '' : `,${jobId}`}`, []);
      notes.push(written);
      await written;
    },
    async remove() {
      // One that is on its way would be there afterwards.
      await Promise.allSettled(notes);
      return removeScratch(dfs, path, secret);
    },
  };
}

async function removeScratch(dfs: Dfs, path: string, secret: string): Promise<readonly string[]> {
  const failures: string[] = [];
  try {
    const names = (await listed(dfs, path)).map((entry) => entry.path.slice(path.length + 1));
    const notes = names.filter((name) => name.startsWith(NOTE)).map((name) => name.slice(NOTE.length));
    const nodes = await dfs.nodes();
    for (const note of notes) {
      const [space = '', jobId] = note.split(',');
      const files = { nodes, space, secret };
      if (jobId === undefined) failures.push(...(await deleteSpace(files)));
      else failures.push(...(await deleteIntermediate(files, jobId)), ...(await deleteOutput(files, jobId)));
    }
    if (names.length > 0) await dfs.remove(path, { recursive: true });
  } catch (error) {
    failures.push((error as Error).message);
  }
  return failures;
}

/** What is in a folder; nothing, if it is not there. */
async function listed(dfs: Dfs, path: string): ReturnType<Dfs['list']> {
  return dfs.list(path).catch((error: { readonly kind?: string }) => {
    if (error.kind === 'absent') return [];
    throw error;
  });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
