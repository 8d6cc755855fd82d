/** Makes records of what was measured: benchmarks, comparisons, reports. */
import type { Measurement } from '../bench/measurement.ts';
import type { ComparisonData, FigureComparison } from '../comparison.ts';
import type { ReportData } from '../result.ts';
import { estimateMedian } from '../statistics/estimate.ts';
import type { MetricRecord } from './metricRecord.ts';

/** What is the same in all records of one measurement. */
export type RecordFrame = Pick<MetricRecord, 'commit' | 'subject' | 'committedAt' | 'measuredAt' | 'machine'>;

/** A figure without where it comes from. */
type Figure = Pick<MetricRecord, 'metric' | 'unit' | 'better' | 'value' | 'interval' | 'n'>;

/** Records of these figures, but of those whose value is no number: what was stored may hold null instead. */
export function recordsOf(frame: RecordFrame, figures: readonly Figure[]): readonly MetricRecord[] {
  return figures
    .filter(({ value }) => Number.isFinite(value))
    .map(({ interval, ...figure }) => ({
      ...{ schemaVersion: 1, ...figure, ...frame },
      interval: interval?.every(Number.isFinite) ? interval : null,
    }));
}

/** Several values of one figure, as their median. There must be at least one. */
function figureOf(
  { metric, unit, better }: Pick<Figure, 'metric' | 'unit' | 'better'>,
  values: readonly number[],
): Figure {
  return { metric, unit, better, ...estimateMedian(values, { seed: metric }) };
}

/** A figure of a benchmark's list. Older lists say neither what is better nor how sure it is. */
export type BenchFigure = Pick<Measurement, 'id' | 'value' | 'unit' | 'n'> &
  Partial<Pick<Measurement, 'better' | 'interval'>>;

/** What a benchmark has measured, each figure with the interval of its own repetitions. */
export function figuresOfBench(list: readonly BenchFigure[]): readonly Figure[] {
  return list.map(({ id, value, unit, n, better = null, interval = null }) => ({
    ...{ metric: id, unit, better, value, interval, n },
  }));
}

/** The head of a comparison: what it measured of each figure. Those that failed have none. */
export function figuresOfComparison({ figures }: Pick<ComparisonData, 'figures'>): readonly Figure[] {
  return figures.flatMap(figureOfComparison);
}

function figureOfComparison(figure: FigureComparison): readonly Figure[] {
  switch (figure.kind) {
    case 'timed': {
      const { id: metric, unit, better, blocks } = figure;
      const values = blocks.flatMap(({ head }) => head);
      return values.length === 0 ? [] : [figureOf({ metric, unit, better }, values)];
    }
    case 'exact': {
      const { id: metric, unit, better, head: value } = figure;
      return value === null ? [] : [{ metric, unit, better, value, interval: null, n: 1 }];
    }
    case 'failed':
    case 'unmatched':
      return [];
    default:
      return figure satisfies never;
  }
}

/** Our side of the claims of a report. Whether more is better is not said by a claim. */
export function figuresOfReport({ experiments }: Pick<ReportData, 'experiments'>): readonly Figure[] {
  return experiments.flatMap(({ experiment, claims }) =>
    claims.flatMap(({ id, unit, ours }) =>
      ours === null
        ? []
        : [
            {
              metric: `${experiment.id}/${id}`,
              unit,
              better: null,
              value: ours.value,
              interval: ours.interval,
              n: ours.n,
            },
          ],
    ),
  );
}
