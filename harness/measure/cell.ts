/** From a history to the measurements of a cell. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { FrameworkMeasure, HarnessMeasure, RunCell, Series } from '../result.ts';
import { clusterSize } from './cluster.ts';
import { offerCounts, taskCounts } from './counts.ts';
import { faultSpans } from './faultSpans.ts';
import { type Fold, fold, foldOf, foldStream } from './fold.ts';
import { holdings } from './holdings.ts';
import { invariants } from './invariants.ts';
import { type JobRun, jobRuns, measureJob, spanOf } from './jobs.ts';
import { localities } from './locality.ts';
import { offerFlow } from './offerFlow.ts';
import { newPass } from './pass.ts';
import { type Span, StepFunction, unite } from './stepFunction.ts';
import { timeline } from './timeline.ts';

/** What a history tells of a cell. */
export interface CellMeasures extends Omit<RunCell, 'kind' | 'provenance' | 'harness' | 'values' | 'curves'> {
  readonly harness: Pick<HarnessMeasure, 'historyLines'>;
}

/** How to measure. */
export interface CellOptions {
  /** Width of the steps that shares and utilisation are averaged over; default 2 s. */
  readonly stepS?: number;
  /** The start of the run on the clock of the history; default {@link measureCell} says which. */
  readonly startMs?: number;
  /** The run went on until its work had ended, so that tasks and jobs that have not are a fault; default yes. */
  readonly ended?: boolean;
}

/**
 * Measures a cell in one pass. Times in the result are from the start of the run, which is when the first job
 * was meant to be submitted, or the first line of a history without jobs. The run ends with its last job; if
 * a job never ended, or there are none, with the last line. Shares are of the cluster at its largest.
 */
export function measureCell(lines: Iterable<HistoryLine>, options: CellOptions = {}): CellMeasures {
  return fold(lines, cellMeasures(options));
}

/** {@link measureCell} for a history that is being read. */
export function measureCellStream(
  lines: AsyncIterable<HistoryLine>,
  options: CellOptions = {},
): Promise<CellMeasures> {
  return foldStream(lines, cellMeasures(options));
}

/** {@link measureCell} as a fold, e.g. to be fed while a simulation runs. */
export function cellMeasures(options: CellOptions = {}, pass = newPass()): Fold<CellMeasures> {
  const { stepS = 2, ended = true } = options;
  if (!(stepS > 0)) throw new RangeError(`stepS is ${stepS}; give a width of more than 0 seconds`);
  const folds = {
    cluster: pass.shared(clusterSize),
    holdings: pass.shared(holdings),
    jobs: pass.shared(jobRuns),
    localities: localities(),
    offers: offerCounts(),
    offerFlow: offerFlow(pass),
    faults: faultSpans(pass),
    timeline: timeline(undefined, pass),
    tasks: taskCounts(pass),
    checks: invariants(ended, pass),
  };
  let lines = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  return foldOf({
    parts: Object.values(folds),
    on: {
      every: ({ t }) => {
        if (lines++ === 0) firstMs = t;
        lastMs = t;
      },
    },
    result() {
      if (lines === 0)
        throw new RangeError('the history is empty: nothing was recorded, so nothing can be measured');
      const cluster = folds.cluster.result();
      const { total, frameworks } = folds.holdings.result();
      const jobs = folds.jobs.result();
      const found = folds.localities.result();
      const run = spanOfRun([...jobs.values()].flat(), options.startMs, { fromMs: firstMs, toMs: lastMs });
      const fraction = (held: StepFunction, whole: number): Series => ({
        stepS,
        values: held.means(run, stepS * 1000).map((mean) => ratio(mean, whole)),
      });
      const names = new Set([...frameworks.keys(), ...jobs.keys()]);
      return {
        state: 'completed',
        cluster,
        makespanS: (run.toMs - run.fromMs) / 1000,
        frameworks: [...names].map((name): FrameworkMeasure => {
          const cpus = frameworks.get(name)?.cpus ?? new StepFunction();
          const runs = jobs.get(name) ?? [];
          return {
            name,
            share: fraction(cpus, cluster.cpus),
            jobs: runs.map((job) => measureJob(job, run.fromMs)),
            locality: found.get(name) ?? null,
            meanShareWhileBusy: ratio(meanWhileBusy(cpus, runs, run), cluster.cpus),
          };
        }),
        utilisation: {
          cpus: fraction(total.cpus, cluster.cpus),
          mem: fraction(total.mem, cluster.memMiB),
          meanCpus: ratio(total.cpus.mean(run), cluster.cpus),
          meanMem: ratio(total.mem.mean(run), cluster.memMiB),
        },
        tasks: folds.tasks.result(),
        offers: folds.offers.result(),
        offerFlow: folds.offerFlow.result()(run),
        faults: folds.faults.result()(run),
        timeline: folds.timeline.result()(run),
        checks: folds.checks.result(),
        harness: { historyLines: lines },
      };
    },
  });
}

/** From the first intended submission to the last end of a job, or to the last line if a job never ended. */
function spanOfRun(jobs: readonly JobRun[], startMs: number | undefined, lines: Span): Span {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const job of jobs) {
    fromMs = Math.min(fromMs, job.intendedMs);
    toMs = Math.max(toMs, job.endedMs ?? lines.toMs);
  }
  const start = startMs ?? (jobs.length > 0 ? fromMs : lines.fromMs);
  return { fromMs: start, toMs: Math.max(start, jobs.length > 0 ? toMs : lines.toMs) };
}

/** Time-weighted mean over the time in which at least one of the jobs was waiting or running. */
function meanWhileBusy(held: StepFunction, jobs: readonly JobRun[], run: Span): number {
  let area = 0;
  let lengthMs = 0;
  for (const span of unite(jobs.map((job) => spanOf(job, run.toMs)))) {
    area += held.mean(span) * (span.toMs - span.fromMs);
    lengthMs += span.toMs - span.fromMs;
  }
  return ratio(area, lengthMs);
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
