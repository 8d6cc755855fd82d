/** A folder for this user alone, in which something is kept. */
import { makeFolder } from '../folder.ts';
import { infrastructureError } from './exit.ts';

/** Makes it, unless it is there. Throws one sentence, with what has named it, if that cannot be. */
export function makePrivateFolder(named: string, path: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (error) {
    throw infrastructureError(
      `${named}: the folder ${path} cannot be made: ${(error as Error).message}; name another`,
      error,
    );
  }
}
