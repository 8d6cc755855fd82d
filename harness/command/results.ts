/** Results of a campaign for a terminal and for programs. */
import { claimLines, verdictTable } from '../../reports/paper/verdictTable.ts';
import type { ReportData } from '../result.ts';

/** Characters of a line where there is no terminal. */
const WIDTH = 120;

/** The table of verdicts, what failed, and where the report is. */
export function inWords(data: ReportData, out: string): string {
  const { experiments } = data;
  const failed = experiments.flatMap(({ cells }) =>
    cells.flatMap((cell) => {
      const { experiment, clock, label, seed } = cell.provenance;
      return cell.state === 'failed'
        ? [`  ${experiment}, ${clock}, ${label}, seed ${seed}: ${cell.reason}`]
        : [];
    }),
  );
  return [
    ...(experiments.some(({ claims }) => claims.length > 0)
      ? [verdictTable(data, process.stdout.columns ?? WIDTH)]
      : []),
    ...(failed.length > 0 ? ['Failed:', ...failed, ''] : []),
    `Report: ${out}/report.html`,
  ].join('\n');
}

/** All results; first what became of the claims. */
export function asJson(data: ReportData): string {
  return JSON.stringify({ claims: claimLines(data), ...data });
}
