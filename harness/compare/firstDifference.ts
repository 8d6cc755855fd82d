/** Where two histories part. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ExactComparison } from '../comparison.ts';

/** The first line in which two histories differ. */
export type Difference = Omit<NonNullable<ExactComparison['firstDifference']>, 'seed'>;

/** Longer lines are cut. */
const LINE_LENGTH_MAX = 2_000;

/** Finds it, counted from 1; null if the files are the same to their ends. Reads no more of them than it must. */
export async function firstDifference(baseFile: string, headFile: string): Promise<Difference | null> {
  const [base, head] = [linesOf(baseFile), linesOf(headFile)];
  try {
    for (let line = 1; ; line++) {
      const [one, other] = [await base.next(), await head.next()];
      if (one.done === true && other.done === true) return null;
      if (one.value !== other.value || one.done !== other.done)
        return { line, base: shown(one), head: shown(other) };
    }
  } finally {
    await Promise.all([base.return(undefined), head.return(undefined)]);
  }
}

async function* linesOf(file: string): AsyncGenerator<string, undefined> {
  const stream = createReadStream(file);
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    stream.destroy();
  }
  return undefined;
}

const shown = ({ done, value }: IteratorResult<string, undefined>): string | null =>
  done === true ? null : (value as string).slice(0, LINE_LENGTH_MAX);
