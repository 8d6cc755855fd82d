/** What became of the jobs of a Hadoop instance. */
import type { JobInProgress } from './jobInProgress.ts';
import type { TaskReport } from './taskData.ts';

/** A part of a job's output. */
export interface OutputPart {
  /** `part-r-00000` of a reduce, `part-m-00000` of a map-only job's map. */
  readonly name: string;
  /** Hostnames of the nodes that hold it. */
  readonly hosts: readonly string[];
  /** As which file they hold it, if not by its name: when it was not written by the first attempt. */
  readonly file?: string;
  readonly bytes: number;
}

/** Sums over the finished tasks of a job. */
export interface JobCounters {
  readonly localMaps: number;
  readonly remoteMaps: number;
  /** Failures of tasks through their own fault. */
  readonly failures: number;
  /** Attempts that were launched. */
  readonly attempts: number;
  /** Of these, copies beside another attempt. */
  readonly speculativeAttempts: number;
  /** Attempts that were ended because another one had finished. */
  readonly killedAttempts: number;
  /** Attempts that were lost through no fault of their own. */
  readonly lostAttempts: number;
  readonly mapInputBytes: number;
  readonly mapInputRecords: number;
  readonly mapOutputBytes: number;
  /** Of map outputs, after combining. */
  readonly mapOutputRecords: number;
  /** Records that maps emitted, before combining. */
  readonly emittedRecords: number;
  readonly spills: number;
  readonly shuffledBytes: number;
  /** Of these, from one node to another. */
  readonly shuffledRemoteBytes: number;
  readonly outputBytes: number;
  /** Of the output: lines. */
  readonly outputRecords: number;
}

/** What became of one job. */
export interface JobSummary {
  readonly id: string;
  readonly outcome: 'finished' | 'failed' | 'deleted';
  /** Why it failed or was deleted. */
  readonly message?: string;
  readonly counters?: JobCounters;
  /** What its program counted, by the names that it gave. */
  readonly userCounters?: Readonly<Record<string, number>>;
  /** Its output, in order; empty if it failed or wrote none. */
  readonly parts: readonly OutputPart[];
}

/** What became of all. */
export interface HadoopSummary {
  readonly framework: string;
  /** Its own space among the files of the nodes (files/storedFile.ts): where its output is. */
  readonly space: string;
  readonly jobs: readonly JobSummary[];
}

/** Why a job ends before all its tasks have finished. */
export interface JobFailure {
  readonly outcome: 'failed' | 'deleted';
  readonly message: string;
}

/** Sums up a job that has ended. */
export function summarise(job: JobInProgress, failure: JobFailure | undefined): JobSummary {
  const { id } = job.spec;
  const counters = { counters: countBuiltIn(job), ...userCountersOf(job) };
  if (failure !== undefined) return { id, ...failure, ...counters, parts: [] };
  const parts: OutputPart[] = [];
  for (const { report, partHosts } of [...job.maps, ...job.reduces])
    if (report?.part !== undefined) {
      const { name, file } = report.part;
      const more = file === undefined ? {} : { file };
      parts.push({ name, hosts: partHosts ?? [], bytes: report.outputBytes, ...more });
    }
  return { id, outcome: 'finished', ...counters, parts };
}

/** All that a job has counted, its program's own counters included, as a JobStatus shows it. */
export function countersOf({
  counters,
  userCounters,
}: Pick<JobSummary, 'counters' | 'userCounters'>): Readonly<Record<string, number>> {
  return { ...userCounters, ...counters };
}

/** What its program counted so far: of each finished task once, whatever its attempts. */
export function userCountersOf({ maps, reduces }: JobInProgress): Pick<JobSummary, 'userCounters'> {
  const sums = new Map<string, number>();
  for (const { report } of [...maps, ...reduces])
    for (const [name, value] of Object.entries(report?.counters ?? {}))
      if (sums.has(name) || sums.size < USER_COUNTERS_MAX) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums.size === 0 ? {} : { userCounters: Object.fromEntries(sums) };
}

/** Most different names that the tasks of a job may give; what comes beyond is not counted. */
const USER_COUNTERS_MAX = 1_000;

/** What the tasks of a job have done so far: of each finished task once, whatever its attempts. */
export function countBuiltIn(job: JobInProgress): JobCounters {
  const maps = job.maps.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const reduces = job.reduces.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const tasks = [...job.maps, ...job.reduces];
  const total = <T>(items: readonly T[], of: (item: T) => number | undefined): number =>
    items.reduce((sum, item) => sum + (of(item) ?? 0), 0);
  const writers = job.reduces.length > 0 ? reduces : maps.filter(({ part }) => part !== undefined);
  const bytesOut = (reports: readonly TaskReport[]): number => total(reports, (report) => report.outputBytes);
  return {
    localMaps: total(maps, ({ locality }) => (locality === 'local' ? 1 : 0)),
    remoteMaps: total(maps, ({ locality }) => (locality === 'remote' ? 1 : 0)),
    failures: total(tasks, (task) => task.failures),
    attempts: total(tasks, (task) => task.attempts),
    speculativeAttempts: job.copiesLaunched,
    killedAttempts: job.attemptsKilled,
    lostAttempts: job.attemptsLost,
    mapInputBytes: total(maps, (report) => report.inputBytes),
    mapInputRecords: total(maps, (report) => report.inputRecords),
    mapOutputBytes: bytesOut(maps),
    mapOutputRecords: total(maps, (report) => report.outputRecords),
    emittedRecords: total(maps, (report) => report.emittedRecords),
    spills: total([...maps, ...reduces], (report) => report.spills),
    shuffledBytes: total(reduces, (report) => report.inputBytes),
    shuffledRemoteBytes: total(reduces, (report) => report.remoteBytes),
    outputBytes: bytesOut(writers),
    outputRecords: total(writers, (report) => report.outputRecords),
  };
}
