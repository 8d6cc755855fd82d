/** A Hadoop instance in virtual time, on a Mesos master or on slaves of its own, for tests. */
import { fold } from '../../harness/measure/fold.ts';
import { invariants } from '../../harness/measure/invariants.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { standalone } from '../standalone/standalone.ts';
import { type HadoopConfig, type HadoopJob, readHadoopConfig } from './job.ts';
import type { HadoopSummary } from './jobSummary.ts';
import { createJobTracker } from './jobTracker.ts';
import { createTaskTrackerModel } from './taskTrackerModel.ts';
import { COMMAND } from './testJobs.ts';

const MASTER_PROCESS = 'master:5050';
const FRAMEWORK_PROCESS = 'framework:5050';
const LIMIT_MS = 24 * 3_600_000;

/** What runs, and on what. */
export interface VirtualSetUp {
  readonly system: 'mesos' | 'standalone';
  readonly jobs: readonly HadoopJob[];
  /** Speeds of the slaves `node1`, `node2` and so on, 1 being the usual. */
  readonly speeds: readonly number[];
  /** CPUs of each, each of which is a slot. */
  readonly cpus: number;
  readonly config?: Partial<HadoopConfig>;
  readonly seed?: number;
}

/** A cluster that can be run to the end of its jobs. */
export interface VirtualHadoop {
  readonly virtual: VirtualCluster;
  readonly process: (hostname: string) => string;
  readonly history: readonly HistoryLine[];
  /** Lets time pass until all jobs have ended, and a second for the farewells. Throws if they do not end. */
  end(): HadoopSummary;
  seen<E extends HistoryEvent['event']>(event: E): readonly (HistoryLine & { readonly event: E })[];
  /** From the submission of a job to its end. */
  jobMs(jobId: string): number;
  /** The invariants of any history that do not hold. */
  broken(): readonly unknown[];
}

/** Starts the cluster. */
export function startVirtual(setUp: VirtualSetUp): VirtualHadoop {
  const { system, jobs, speeds, cpus, config: more = {}, seed = 1 } = setUp;
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed, history: (line) => history.push(line) });
  let summary: HadoopSummary | undefined;
  const config = {
    ...readHadoopConfig({ name: 'h', jobs, slot: { cpus: 1 }, executor: { command: COMMAND }, seed }),
    ...more,
  };
  const factory = createJobTracker(config, {
    onDone: (done) => {
      summary = done;
    },
  });
  const about = { frameworkInfo: { user: 'test', name: 'h' }, factory, stopped: () => {} };
  const framework = virtual.process(FRAMEWORK_PROCESS);
  const address =
    system === 'mesos'
      ? virtual.process(MASTER_PROCESS).spawn('master', master({ ...MASTER_DEFAULTS, allocation: fair() }))
      : framework.spawn('master', standalone({ ...about, slavesMin: speeds.length }));
  if (system === 'mesos') framework.spawn('scheduler', schedulerActor({ ...about, master: address }));
  const models = { 'hadoop-tasktracker': createTaskTrackerModel() };
  const processOf = (hostname: string): string => `${hostname}:5051`;
  for (const [n, speed] of speeds.entries()) {
    const hostname = `node${n + 1}`;
    const process = virtual.process(processOf(hostname));
    const isolation = emulated(process, models, (run) => virtual.at(virtual.now, run));
    const own = { hostname, resources: { cpus }, attributes: speed === 1 ? {} : { speed: String(speed) } };
    process.spawn('slave', slave({ master: address, ...own, isolation }));
  }
  const seen: VirtualHadoop['seen'] = <E extends HistoryEvent['event']>(event: E) =>
    history.filter((line): line is HistoryLine & { event: E } => line.event === event);
  return {
    virtual,
    process: processOf,
    history,
    end() {
      virtual.run(() => summary !== undefined, LIMIT_MS);
      virtual.run(() => false, virtual.now + 1_000);
      if (summary === undefined) throw new Error('the jobs have not ended');
      return summary;
    },
    seen,
    jobMs(jobId) {
      const [submitted] = seen('job-submitted').filter((line) => line.jobId === jobId);
      const [finished] = seen('job-finished').filter((line) => line.jobId === jobId);
      return (finished?.t ?? Number.NaN) - (submitted?.t ?? Number.NaN);
    },
    broken: () => fold(history, invariants()).filter(({ verdict }) => verdict !== 'passed'),
  };
}
