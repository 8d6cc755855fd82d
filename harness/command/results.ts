/** Results of a campaign for a terminal and for programs. */
import type { ReportData } from '../result.ts';

/** The table of verdicts, what failed, and where the report is. */
export function inWords({ experiments }: ReportData, out: string): string {
  const ran = experiments.flatMap(({ claims }) => claims.filter(({ verdict }) => verdict !== 'not run'));
  const rows = ran.map(({ claim, paper, unit, ours, verdict }) => {
    const value = ours === null ? '-' : `${round(ours.value)} ${unit}`;
    return `  ${verdict.padEnd(16)} ${claim} Paper: ${round(paper)} ${unit}. Here: ${value}.`;
  });
  const failed = experiments.flatMap(({ cells }) =>
    cells.flatMap(({ provenance: { experiment, clock, label, seed }, ...cell }) =>
      cell.state === 'failed' ? [`  ${experiment}, ${clock}, ${label}, seed ${seed}: ${cell.reason}`] : [],
    ),
  );
  return [
    ...(rows.length > 0 ? ['Paper against measured:', ...rows, ''] : []),
    ...(failed.length > 0 ? ['Failed:', ...failed, ''] : []),
    `Report: ${out}/report.html`,
  ].join('\n');
}

/** All results; first what became of the claims. */
export function asJson(data: ReportData): string {
  const claims = data.experiments.flatMap((one) =>
    one.claims.map((claim) => ({ experiment: one.experiment.id, ...claim })),
  );
  return JSON.stringify({ claims, ...data });
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
