/** A folder for this user alone, in which something is kept. */
import { makeFolder, tryOut } from '../folder.ts';
import { infrastructureError } from './exit.ts';

/** Makes it, unless it is there. Throws one sentence, with what has named it, if that cannot be, or if nothing can be written there. */
export function makePrivateFolder(named: string, path: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (error) {
    throw infrastructureError(
      `${named}: the folder ${path} cannot be made: ${(error as Error).message}; name another`,
      error,
    );
  }
  try {
    tryOut(path);
  } catch (error) {
    throw infrastructureError(
      `${named}: nothing can be written to the folder ${path}: ${(error as Error).message}; name another`,
      error,
    );
  }
}
