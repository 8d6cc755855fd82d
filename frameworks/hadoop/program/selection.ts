/** `SELECT pageURL, pageRank FROM rankings WHERE pageRank > 10` of HIVE-396. */
import { RANKINGS } from '../../../workloads/tables/rankings.ts';
import { DELIMITER } from '../../../workloads/tables/table.ts';
import { eachLine, Fields, readWhole } from './lines.ts';
import type { Mapper, Output, ScanProgram } from './mapReduce.ts';

const NEWLINE = 10;

/** The program that selects pages with a higher rank. It counts rows as `rows`, `selected` and `malformed`, which it leaves out. */
export function selection(pageRankAbove: number): ScanProgram {
  return {
    shape: 'scan',
    startMap({ count }): Mapper<Output> {
      const fields = new Fields(DELIMITER.charCodeAt(0), RANKINGS.pageRank + 1);
      let [rows, selected, malformed] = [0, 0, 0];
      return {
        map(bytes, start, end, output) {
          eachLine(bytes, start, end, (lineStart, lineEnd) => {
            rows += 1;
            const found = fields.split(bytes, lineStart, lineEnd) > RANKINGS.pageRank;
            const rank = found
              ? readWhole(bytes, fields.start(RANKINGS.pageRank), fields.end(RANKINGS.pageRank))
              : -1;
            if (rank < 0) malformed += 1;
            if (rank <= pageRankAbove) return;
            selected += 1;
            // What stands behind the rank is a delimiter, or the end of the line, and not read again.
            bytes[fields.end(RANKINGS.pageRank)] = NEWLINE;
            output.write(bytes, lineStart, fields.end(RANKINGS.pageRank) + 1);
          });
        },
        finish() {
          count('rows', rows);
          count('selected', selected);
          count('malformed', malformed);
        },
      };
    },
  };
}
