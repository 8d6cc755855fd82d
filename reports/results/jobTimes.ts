/** How long jobs took, and how that compares between Mesos and static partitions. */
import type { Estimate, JobMeasure, RunCell } from '../../harness/result.ts';
import type { FullPair } from './clockRuns.ts';
import { estimate, mean, median } from './estimate.ts';

/** One job on both systems. Times in seconds, from the intended submission to the end. */
export interface PairedJob {
  readonly id: string;
  readonly kind: string;
  readonly tasks: number;
  readonly mesosS: number;
  readonly staticS: number;
  /** Static over Mesos: above 1 means faster on Mesos. */
  readonly speedUp: number;
}

/**
 * Sums of job times of one framework (as in the paper's Table 4), over the jobs that finished on both
 * systems.
 */
export interface Sums {
  readonly framework: string;
  /** Jobs of the first seed that finished on both systems, and all of them. */
  readonly pairedJobs: number;
  readonly jobs: number;
  readonly mesosS: Estimate;
  readonly staticS: Estimate;
  readonly speedUp: Estimate;
}

/** The jobs of one kind and size (as in the paper's Table 5). */
export interface KindOfJob {
  readonly framework: string;
  readonly kind: string;
  readonly tasks: number;
  /** Such jobs in one run. */
  readonly jobs: number;
  readonly mesosS: Estimate;
  readonly staticS: Estimate;
  /** Mean of the ratios of single jobs, one per seed; then the median over the seeds. */
  readonly speedUp: Estimate;
  /** One ratio per job: its median over the seeds. */
  readonly ratios: readonly number[];
}

/** Seconds from the intended submission until the job had finished; null if it did not finish. */
export function jobTimeS(job: JobMeasure): number | null {
  return job.outcome === 'finished' && job.endedS !== null ? job.endedS - job.submittedS : null;
}

/** The jobs of a framework in one cell; none if the framework is not part of it. */
export function jobsOf(cell: RunCell, framework: string): readonly JobMeasure[] {
  return cell.frameworks.find((one) => one.name === framework)?.jobs ?? [];
}

/**
 * The jobs that finished on both systems, matched by their id. Jobs that took no time at all cannot be
 * compared.
 */
export function pairedJobs(pair: FullPair, framework: string): readonly PairedJob[] {
  const onStatic = new Map(jobsOf(pair.static, framework).map((job) => [job.id, job]));
  return jobsOf(pair.mesos, framework).flatMap((job) => {
    const other = onStatic.get(job.id);
    const mesosS = jobTimeS(job);
    const staticS = other === undefined ? null : jobTimeS(other);
    if (mesosS === null || staticS === null || mesosS <= 0 || staticS <= 0) return [];
    return [{ id: job.id, kind: job.kind, tasks: job.tasks, mesosS, staticS, speedUp: staticS / mesosS }];
  });
}

/** Sums of job times over all seeds; null if no job finished on both systems. */
export function sums(pairs: readonly FullPair[], framework: string): Sums | null {
  const perSeed = pairs
    .map((pair) => ({ pair, jobs: pairedJobs(pair, framework) }))
    .filter(({ jobs }) => jobs.length > 0)
    .map(({ pair, jobs }) => ({
      jobs: jobs.length,
      all: jobsOf(pair.mesos, framework).length,
      mesosS: total(jobs.map((job) => job.mesosS)),
      staticS: total(jobs.map((job) => job.staticS)),
    }));
  const first = perSeed[0];
  const mesosS = estimate(perSeed.map((one) => one.mesosS));
  const staticS = estimate(perSeed.map((one) => one.staticS));
  const speedUp = estimate(perSeed.map((one) => one.staticS / one.mesosS));
  if (first === undefined || mesosS === null || staticS === null || speedUp === null) return null;
  return { framework, pairedJobs: first.jobs, jobs: first.all, mesosS, staticS, speedUp };
}

/**
 * The kinds of jobs of a framework, smallest first. Jobs of the same kind but another size are another kind.
 */
export function kindsOfJobs(pairs: readonly FullPair[], framework: string): readonly KindOfJob[] {
  const perSeed = pairs.map((pair) =>
    Map.groupBy(pairedJobs(pair, framework), (job) => `${job.tasks} ${job.kind}`),
  );
  const keys = [...new Set(perSeed.flatMap((groups) => [...groups.keys()]))];
  return keys
    .flatMap((key) => {
      const groups = perSeed
        .map((groupsOfSeed) => groupsOfSeed.get(key) ?? [])
        .filter((group) => group.length > 0);
      return kindOfJob(framework, groups);
    })
    .sort((a, b) => a.tasks - b.tasks || (a.kind < b.kind ? -1 : 1));
}

/** A median of job times, in seconds, and how many jobs it is of; null without a finished job. */
export function medianJobTime(cell: RunCell, framework: string): { valueS: number; jobs: number } | null {
  const times = jobsOf(cell, framework)
    .flatMap((job) => jobTimeS(job) ?? [])
    .sort((a, b) => a - b);
  return times.length === 0 ? null : { valueS: median(times), jobs: times.length };
}

function kindOfJob(framework: string, groups: readonly (readonly PairedJob[])[]): readonly KindOfJob[] {
  const sample = groups[0]?.[0];
  const mesosS = estimate(groups.map((group) => mean(group.map((job) => job.mesosS))));
  const staticS = estimate(groups.map((group) => mean(group.map((job) => job.staticS))));
  const speedUp = estimate(groups.map((group) => mean(group.map((job) => job.speedUp))));
  if (sample === undefined || mesosS === null || staticS === null || speedUp === null) return [];
  const byJob = Map.groupBy(groups.flat(), (job) => job.id);
  const ratios = [...byJob.values()].map((jobs) =>
    median(jobs.map((job) => job.speedUp).sort((a, b) => a - b)),
  );
  return [
    {
      framework,
      kind: sample.kind,
      tasks: sample.tasks,
      jobs: groups[0]?.length ?? 0,
      mesosS,
      staticS,
      speedUp,
      ratios,
    },
  ];
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
