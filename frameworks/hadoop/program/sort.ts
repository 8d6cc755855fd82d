/** Sorts lines by their bytes. With bounds, each reduce has a range of its own: the parts one after the other are in order. */
import { hashPartitioner, rangePartitioner } from '../records/keyHash.ts';
import { eachLine } from './lines.ts';
import type { RecordProgram } from './mapReduce.ts';

const NEWLINE = Buffer.from('\n');

/** The program. Lines that are the same stay as many as they are. */
export function sort(bounds: readonly string[] | undefined): RecordProgram {
  return {
    shape: 'records',
    partition:
      bounds === undefined ? hashPartitioner : rangePartitioner(bounds.map((bound) => Buffer.from(bound))),
    startMap: () => ({
      map(bytes, start, end, into) {
        eachLine(bytes, start, end, (lineStart, lineEnd) =>
          into.emit(bytes, lineStart, lineEnd, bytes, lineEnd, lineEnd),
        );
      },
    }),
    startReduce: () => ({
      reduce(key, values, output) {
        while (values.next()) {
          const line = Buffer.concat([key, NEWLINE]);
          output.write(line, 0, line.length);
        }
      },
    }),
  };
}

/** Bounds for so many reduces, from lines that stand for all of them: each range has as many of these. */
export function boundsOf(sample: readonly string[], reduces: number): readonly string[] {
  const sorted = sample.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const bounds = Array.from(
    { length: reduces - 1 },
    (_, n) => sorted[Math.floor(((n + 1) * sorted.length) / reduces)] ?? '',
  );
  return [...new Set(bounds)];
}
