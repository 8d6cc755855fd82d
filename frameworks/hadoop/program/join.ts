/**
 * The first step of the join of HIVE-396: `rankings JOIN uservisits ON pageURL = destURL` with a range of visit dates.
 *
 * Its inputs have tags, `rankings` and `uservisits`. Maps emit both by URL; the first byte of a value says what it is. The values of a
 * URL come in the order of their bytes, so that its ranks are there before its visits, which stream by: a reduce holds the ranks of
 * one page, of which there is mostly one.
 */
import { RANKINGS } from '../../../workloads/tables/rankings.ts';
import { DELIMITER } from '../../../workloads/tables/table.ts';
import { USER_VISITS } from '../../../workloads/tables/userVisits.ts';
import { eachLine, Fields, readWhole } from './lines.ts';
import type { Mapper, RecordCollector, RecordProgram, Reducer } from './mapReduce.ts';

/** Tags of the inputs. */
export const RANKINGS_TAG = 'rankings';
export const USER_VISITS_TAG = 'uservisits';

const BAR = DELIMITER.charCodeAt(0);
const NEWLINE = 10;
const RANK = 82;
const VISIT = 86;

/** Between which dates, as `YYYY-MM-DD`, both excluded. */
export interface VisitRange {
  readonly visitedAfter: string;
  readonly visitedBefore: string;
}

/**
 * The program. It writes `sourceIP|pageRank|adRevenue` for each visit in the range to a page that is ranked, and counts `joined`,
 * `visits` (in the range), `pages` and `malformed` rows, which it leaves out.
 */
export function join(range: VisitRange): RecordProgram {
  return {
    shape: 'records',
    valueOrder: 'bytes',
    startMap({ tag, count }) {
      if (tag === RANKINGS_TAG) return mapRankings(count);
      if (tag === USER_VISITS_TAG) return mapVisits(range, count);
      throw new TypeError(
        `A join reads inputs with the tags '${RANKINGS_TAG}' and '${USER_VISITS_TAG}', not ${tag === undefined ? 'without a tag' : `'${tag}'`}.`,
      );
    },
    startReduce: ({ count }) => joinOne(count),
  };
}

type Count = (name: string, by?: number) => void;

function mapRankings(count: Count): Mapper<RecordCollector> {
  const fields = new Fields(BAR, RANKINGS.pageRank + 1);
  const value = Buffer.alloc(32);
  value[0] = RANK;
  let [pages, malformed] = [0, 0];
  return {
    map(bytes, start, end, into) {
      eachLine(bytes, start, end, (lineStart, lineEnd) => {
        const found = fields.split(bytes, lineStart, lineEnd) > RANKINGS.pageRank;
        const [from, to] = found ? [fields.start(RANKINGS.pageRank), fields.end(RANKINGS.pageRank)] : [0, 0];
        if (readWhole(bytes, from, to) < 0) {
          malformed += 1;
          return;
        }
        pages += 1;
        const length = bytes.copy(value, 1, from, to);
        into.emit(bytes, lineStart, fields.end(RANKINGS.pageURL), value, 0, 1 + length);
      });
    },
    finish() {
      count('pages', pages);
      count('malformed', malformed);
    },
  };
}

function mapVisits({ visitedAfter, visitedBefore }: VisitRange, count: Count): Mapper<RecordCollector> {
  const fields = new Fields(BAR, USER_VISITS.adRevenue + 1);
  const after = Buffer.from(visitedAfter);
  const before = Buffer.from(visitedBefore);
  let value = Buffer.alloc(256);
  let [visits, malformed] = [0, 0];
  return {
    map(bytes, start, end, into) {
      eachLine(bytes, start, end, (lineStart, lineEnd) => {
        if (fields.split(bytes, lineStart, lineEnd) <= USER_VISITS.adRevenue) {
          malformed += 1;
          return;
        }
        const [from, to] = [fields.start(USER_VISITS.visitDate), fields.end(USER_VISITS.visitDate)];
        if (bytes.compare(after, 0, after.length, from, to) <= 0) return;
        if (bytes.compare(before, 0, before.length, from, to) >= 0) return;
        visits += 1;
        if (lineEnd - lineStart >= value.length) value = Buffer.alloc(2 * (lineEnd - lineStart));
        let length = bytes.copy(value, 1, lineStart, fields.end(USER_VISITS.sourceIP)) + 1;
        value[0] = VISIT;
        value[length] = BAR;
        length += 1;
        length += bytes.copy(
          value,
          length,
          fields.start(USER_VISITS.adRevenue),
          fields.end(USER_VISITS.adRevenue),
        );
        const url = fields.start(USER_VISITS.destURL);
        into.emit(bytes, url, fields.end(USER_VISITS.destURL), value, 0, length);
      });
    },
    finish() {
      count('visits', visits);
      count('malformed', malformed);
    },
  };
}

function joinOne(count: Count): Reducer {
  let line = Buffer.alloc(512);
  let joined = 0;
  return {
    reduce(_, values, output) {
      const ranks: Buffer[] = [];
      while (values.next()) {
        const { bytes, start, end } = values;
        if (bytes[start] === RANK) {
          ranks.push(Buffer.from(bytes.subarray(start + 1, end)));
          continue;
        }
        const bar = bytes.indexOf(BAR, start);
        for (const rank of ranks) {
          const length = end - start - 1 + 1 + rank.length + 1;
          if (length > line.length) line = Buffer.alloc(2 * length);
          line.set(bytes.subarray(start + 1, bar + 1));
          let at = bar - start;
          line.set(rank, at);
          at += rank.length;
          line.set(bytes.subarray(bar, end), at);
          at += end - bar;
          line[at] = NEWLINE;
          output.write(line, 0, at + 1);
          joined += 1;
        }
      }
    },
    finish: () => count('joined', joined),
  };
}
