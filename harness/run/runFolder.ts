/** Temporary folders of runs, which are gone after the run, or at the next one if it was killed. */
import { rm } from 'node:fs/promises';
import { foldersOfTheDead, makeOwnFolder } from '../../infra/ownFolder.ts';

/** A folder. Disposing of it removes it. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes one, and removes what runs left behind that were killed before they could tear down. */
export async function makeRunFolder(): Promise<RunFolder> {
  for (const folder of await foldersOfTheDead())
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  const path = await makeOwnFolder('run');
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
