/** `SELECT sourceIP, SUM(adRevenue) FROM uservisits GROUP BY sourceIP` of HIVE-396. */
import { DELIMITER } from '../../../workloads/tables/table.ts';
import { USER_VISITS } from '../../../workloads/tables/userVisits.ts';
import { addMicros, formatMicros, readMicros } from './decimal.ts';
import { eachLine, Fields } from './lines.ts';
import type { FoldProgram, Mapper, NumberCollector } from './mapReduce.ts';

/**
 * The program that sums revenues by address, or by its first `prefixBytes` bytes (`SUBSTR(sourceIP, 1, 7)` of SIGMOD'09 §4.3.2).
 * It counts rows as `rows` and `malformed`, which it leaves out.
 */
export function aggregation(prefixBytes = Number.POSITIVE_INFINITY): FoldProgram {
  return {
    shape: 'fold',
    fold: addMicros,
    format: formatMicros,
    startMap({ count }): Mapper<NumberCollector> {
      const fields = new Fields(DELIMITER.charCodeAt(0), USER_VISITS.adRevenue + 1);
      let [rows, malformed] = [0, 0];
      return {
        map(bytes, start, end, into) {
          eachLine(bytes, start, end, (lineStart, lineEnd) => {
            rows += 1;
            const found = fields.split(bytes, lineStart, lineEnd) > USER_VISITS.adRevenue;
            const revenue = found
              ? readMicros(bytes, fields.start(USER_VISITS.adRevenue), fields.end(USER_VISITS.adRevenue))
              : -1;
            if (revenue < 0) malformed += 1;
            else into.emit(bytes, lineStart, Math.min(fields.end(0), lineStart + prefixBytes), revenue);
          });
        },
        finish() {
          count('rows', rows);
          count('malformed', malformed);
        },
      };
    },
  };
}
