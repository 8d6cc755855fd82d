/**
 * The second and third step of the join of HIVE-396: `GROUP BY sourceIP` with `avg(pageRank)` and `sum(adRevenue)`, then
 * `ORDER BY totalRevenue DESC LIMIT n`.
 */
import { DELIMITER } from '../../../workloads/tables/table.ts';
import { numberBytes, readNumber, writeNumber } from '../records/number.ts';
import type { Values } from '../records/record.ts';
import { addMicros, formatMicros, readMicros } from './decimal.ts';
import { eachLine, Fields, readWhole } from './lines.ts';
import type { Mapper, RecordCollector, RecordProgram } from './mapReduce.ts';

const BAR = DELIMITER.charCodeAt(0);

/** Sums over the visits from an address. */
interface Sums {
  ranks: number;
  visits: number;
  micros: number;
}

/** The program that reads `sourceIP|pageRank|adRevenue` and writes `sourceIP|avg(pageRank)|sum(adRevenue)`. */
export const REVENUE_PER_SOURCE: RecordProgram = {
  shape: 'records',
  startMap: ({ count }) => mapJoined(count),
  combine(values, emit) {
    const value = encode(sumOf(values));
    emit(value, 0, value.length);
  },
  startReduce: () => ({
    reduce(key, values, output) {
      const { ranks, visits, micros } = sumOf(values);
      const line = Buffer.concat([
        key,
        Buffer.from(`${DELIMITER}${ranks / visits}${DELIMITER}${formatMicros(micros)}\n`, 'latin1'),
      ]);
      output.write(line, 0, line.length);
    },
  }),
};

function mapJoined(count: (name: string, by?: number) => void): Mapper<RecordCollector> {
  const fields = new Fields(BAR, 3);
  let malformed = 0;
  return {
    map(bytes, start, end, into) {
      eachLine(bytes, start, end, (lineStart, lineEnd) => {
        const found = fields.split(bytes, lineStart, lineEnd) === 3;
        const ranks = found ? readWhole(bytes, fields.start(1), fields.end(1)) : -1;
        const micros = found ? readMicros(bytes, fields.start(2), fields.end(2)) : -1;
        if (ranks < 0 || micros < 0) {
          malformed += 1;
          return;
        }
        const value = encode({ ranks, visits: 1, micros });
        into.emit(bytes, lineStart, fields.end(0), value, 0, value.length);
      });
    },
    finish: () => count('malformed', malformed),
  };
}

/** Three numbers, each behind its length. */
function encode({ ranks, visits, micros }: Sums): Buffer {
  const into = Buffer.alloc(27);
  let at = 0;
  for (const value of [ranks, visits, micros]) {
    into[at] = numberBytes(value);
    at = writeNumber(into, at + 1, value);
  }
  return into.subarray(0, at);
}

function sumOf(values: Values): Sums {
  const sums = { ranks: 0, visits: 0, micros: 0 };
  while (values.next()) {
    const { bytes, start } = values;
    let at = start;
    const next = (): number => {
      const from = at + 1;
      at = from + (bytes[at] as number);
      return readNumber(bytes, from, at);
    };
    sums.ranks += next();
    sums.visits += next();
    sums.micros = addMicros(sums.micros, next());
  }
  return sums;
}

/** Bytes of a number as a key: eight, so that keys are in the order of the numbers. */
const KEY_BYTES = 8;

/** A line, and the revenue in it. */
interface Earning {
  readonly micros: number;
  readonly line: Buffer;
}

const byRevenue = (a: Earning, b: Earning): number => b.micros - a.micros || Buffer.compare(a.line, b.line);

/** As many lines are gathered beyond twice those that are wanted before they are cut. */
const UNSORTED_MIN = 1_000;

/**
 * The program that reads the lines of {@link REVENUE_PER_SOURCE} and writes the first `limit` of them, ordered by revenue, the
 * largest first, and where that is the same by the bytes of the line. It needs one reduce.
 */
export function topRevenue(limit: number): RecordProgram {
  return {
    shape: 'records',
    valueOrder: 'bytes',
    startMap: ({ count }) => {
      const fields = new Fields(BAR, 3);
      let malformed = 0;
      /** Of what was mapped so far, the first `limit` lines, and others that came since the last cut. */
      const top: Earning[] = [];
      let leastMicros = 0;
      const cut = (): void => {
        top.sort(byRevenue).splice(limit);
        if (top.length === limit) leastMicros = top.at(-1)?.micros ?? 0;
      };
      return {
        map(bytes, start, end) {
          eachLine(bytes, start, end, (lineStart, lineEnd) => {
            const found = fields.split(bytes, lineStart, lineEnd) === 3;
            const micros = found ? readMicros(bytes, fields.start(2), fields.end(2)) : -1;
            if (micros < 0) {
              malformed += 1;
              return;
            }
            if (micros < leastMicros) return;
            top.push({ micros, line: Buffer.from(bytes.subarray(lineStart, lineEnd)) });
            if (top.length >= 2 * limit + UNSORTED_MIN) cut();
          });
        },
        finish(into) {
          cut();
          const key = Buffer.alloc(KEY_BYTES);
          for (const { micros, line } of top) {
            key.writeBigUInt64BE(BigInt(Number.MAX_SAFE_INTEGER - micros));
            into.emit(key, 0, key.length, line, 0, line.length);
          }
          count('malformed', malformed);
        },
      };
    },
    startReduce() {
      let written = 0;
      return {
        reduce(_, values, output) {
          while (written < limit && values.next()) {
            const { bytes, start, end } = values;
            const line = Buffer.concat([bytes.subarray(start, end), Buffer.from('\n')]);
            output.write(line, 0, line.length);
            written += 1;
          }
        },
      };
    },
  };
}
