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
