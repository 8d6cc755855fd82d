/** Series of runs as rows over a common time axis. */
import type { Series } from '../../harness/result.ts';
import type { Dataset } from './figure.ts';

/**
 * One row per step: the step's start in seconds, then each series' value, null after its end. Series with
 * another step have rows of their own, so nothing is resampled.
 */
export function timeline(series: readonly (Series | null)[]): readonly (readonly (number | null)[])[] {
  const at = new Map<number, (number | null)[]>();
  series.forEach((one, column) => {
    one?.values.forEach((value, step) => {
      const t = Number((step * one.stepS).toFixed(3));
      const row = at.get(t) ?? [t, ...series.map(() => null)];
      row[column + 1] = Number.isFinite(value) ? value : null;
      at.set(t, row);
    });
  });
  return [...at.values()].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** The x axis of a dataset whose column `t` is time in seconds; labels only where `labelled`. */
export function timeAxis(dataset: Dataset, labelled: boolean) {
  const end = Math.max(0, ...dataset.rows.map((row) => (typeof row[0] === 'number' ? row[0] : 0)));
  return {
    field: 't',
    type: 'quantitative' as const,
    title: labelled ? 'time since the start (s)' : null,
    scale: { domain: [0, end], nice: false },
    axis: { labels: labelled, format: ',d', tickCount: 8, labelBound: true },
  };
}
