/** Temporary folders of runs, which are gone after the run, or at the next one if it was killed. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder. Disposing of it removes it. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/** Folders of runs are named after the process that made them. */
const PREFIX = 'mesos-lab-';

/** Makes one, and removes what runs left behind that were killed before they could tear down. */
export async function makeRunFolder(): Promise<RunFolder> {
  await removeStaleFolders();
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

async function removeStaleFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
