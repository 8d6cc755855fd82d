/** What `--overwrite` may replace: the output of an earlier job, and nothing else. */
import { usageError } from '../exit.ts';

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
