/** Folders for temporary files, of processes that were killed before they could remove them. */
import { foldersOfTheDead } from '../../infra/ownFolder.ts';
import { removeFolder } from '../../mesos/isolation/removal.ts';
import type { Leftover } from './leftover.ts';

/** Those that are named after a process that has ended. */
export async function leftFolders(): Promise<readonly Leftover[]> {
  return (await foldersOfTheDead()).map(
    (path): Leftover => ({
      kind: 'folder',
      what: path,
      why: 'the process that it is named after has ended',
      remove: () => removeFolder(path),
    }),
  );
}
