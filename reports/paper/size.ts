/** What a reader must know of runs that are smaller than the paper's. */
import type { ExperimentResult } from '../../harness/result.ts';

/** One sentence; null if they have the paper's size. */
export function sizeSentence({ scale }: ExperimentResult): string | null {
  if (scale === undefined) return null;
  return `Run at ${scale} of the paper’s size, while the paper’s numbers are of the whole: verdicts compare what is not alike.`;
}
