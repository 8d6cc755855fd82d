/** One pass over a history: measurements are folds, so that many of them share the pass. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';

/** Something that looks at each line of a history, in order, and has a result in the end. */
export interface Fold<R> {
  observe(line: HistoryLine): void;
  /** Of the lines so far; may be asked for more than once. */
  result(): R;
}

/** The result of a fold over all lines. */
export function fold<R>(lines: Iterable<HistoryLine>, folded: Fold<R>): R {
  for (const line of lines) folded.observe(line);
  return folded.result();
}

/** The result of a fold over all lines of a stream. */
export async function foldStream<R>(lines: AsyncIterable<HistoryLine>, folded: Fold<R>): Promise<R> {
  for await (const line of lines) folded.observe(line);
  return folded.result();
}
