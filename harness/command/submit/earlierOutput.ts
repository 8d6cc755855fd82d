/** What `--overwrite` may replace: the output of an earlier job, and nothing else. */
import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import { usageError } from '../exit.ts';
import { type Location, locationText } from './location.ts';

/** The file that says that an output is whole. */
export const WHOLE = '_SUCCESS';
/** Parts of an output. */
const PART = /^part-[a-z]-\d{5,}$/;

/** Throws unless a folder with these names in it, of this machine or of the block store, may become the output of a job. */
export function checkEarlier(place: string, names: readonly string[], overwrite: boolean): void {
  if (names.length === 0) return;
  if (!overwrite)
    throw usageError(`the output ${place} is there already: give --overwrite, or another --output`);
  if (!names.includes(WHOLE))
    throw usageError(`${place} is not the output of a job: remove it yourself, or give another --output`);
  const strange = names.find((name) => name !== WHOLE && !PART.test(name));
  if (strange !== undefined)
    throw usageError(
      `${place} holds more than the output of a job, e.g. ${strange}: remove it yourself, or give another --output`,
    );
}

/** Rejects unless the output may be written there. Resolves with whether an earlier one is there, which is to be replaced. */
export async function checkStoreOutput(
  dfs: Dfs,
  output: Location & { readonly is: 'dfs' },
  overwrite: boolean,
): Promise<boolean> {
  const found = await dfs.stat(output.path).catch((error: { readonly kind?: string }) => {
    if (error.kind === 'absent') return undefined;
    throw error;
  });
  if (found === undefined) return false;
  const place = locationText(output);
  if (found.type === 'file') throw usageError(`the output ${place} is there already, and is no folder`);
  const names = (await dfs.list(output.path)).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  checkEarlier(place, names, overwrite);
  return true;
}
