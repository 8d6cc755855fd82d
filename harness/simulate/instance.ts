/** One life of a framework's scheduler: started from a plan, ended by itself or by a fault. */
import { chooseReplicas } from '../../frameworks/files/blocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import { createJobTracker } from '../../frameworks/hadoop/jobTracker.ts';
import { createTaskTrackerModel } from '../../frameworks/hadoop/taskTrackerModel.ts';
import { modelRank } from '../../frameworks/mpi/rankModel.ts';
import { standalone } from '../../frameworks/standalone/standalone.ts';
import { readTorqueConfig } from '../../frameworks/torque/config.ts';
import { modelledJob } from '../../frameworks/torque/job.ts';
import type { Journal } from '../../frameworks/torque/journal.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { FrameworkId, TaskId } from '../../mesos/protocol/entities.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { MapReduceJob, Submission } from '../../workloads/jobs.ts';
import type { Masters } from './masters.ts';
import { slowed } from './observed.ts';
import { ordered } from './ordered.ts';
import type { BackPlan, FrameworkPlan, WorkPlan } from './plan.ts';
import { type ReservingOptions, reserving } from './reserving.ts';
import { supervised } from './supervised.ts';

/** What became of it. */
export type InstanceState =
  | 'running'
  /** It ended its framework. */
  | 'done'
  /** The master refused it. */
  | 'refused'
  /** Its process was killed before it was done. */
  | 'killed'
  /** Another one has been told to take its place; the master will refuse it. */
  | 'superseded';

/** The executors of the simulation, by their names. */
export const MODELS = { 'hadoop-tasktracker': createTaskTrackerModel(), 'mpi-rank': modelRank };
const NO_COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
/** So many that only a fault of the system uses them up. */
const FAILURES_MAX = 100;
const BLOCK_BYTES = 1024;
const REMOTE_SLOWDOWN = 1.2;
/** How long a process takes to end when its scheduler has. */
const EXIT_MS = 100;

/** What an instance needs to start. */
export interface InstanceOptions {
  readonly cluster: VirtualCluster;
  readonly plan: FrameworkPlan;
  readonly work: WorkPlan;
  /** 1 for the first; each has a name and job ids of its own. */
  readonly generation: number;
  readonly masters: Masters;
  /** Takes over this framework. */
  readonly frameworkId: FrameworkId | undefined;
  /** Where blocks may be. */
  readonly hostnames: readonly string[];
  /** The driver broke its word. */
  readonly broken: (how: string) => void;
  /** Where a queue server keeps its jobs, and finds those of the one before. */
  readonly journal: Journal | undefined;
  /** How many jobs the one before has left in it. */
  readonly inherited: number;
  /** How often it reserves, and until when. */
  readonly reservations: Pick<ReservingOptions, 'probability' | 'endMs'>;
}

/** The process that the slaves of a standalone framework look for. */
export const standaloneProcess = (plan: FrameworkPlan): string => `${plan.name}:5050`;
/** Its actor there. */
export const STANDALONE_ACTOR = 'driver';

/** A scheduler that runs, or ran. */
export class Instance {
  /** The framework's name in the history. */
  readonly name: string;
  readonly work: WorkPlan;
  /** How many jobs it is to finish: its own, and those of the one before that had not ended. */
  readonly jobs: number;
  readonly back: BackPlan;
  readonly takesOver: boolean;
  /** How long it refuses offers, if it does not choose that itself. */
  readonly refuseSeconds: number | undefined;
  /** When it was done, refused, killed or superseded. */
  endedMs: Millis | undefined;
  #ended = 0;
  #state: InstanceState = 'running';
  /** Known when it has registered, or from the start if it takes over. */
  frameworkId: FrameworkId | undefined;
  /** What the master said when it refused it. */
  refusal = '';
  /** When it was registered first. */
  registeredMs: Millis | undefined;
  /** The tasks that it has launched and whose end it has not been told, with the time of their launch. */
  readonly open = new Map<TaskId, Millis>();
  readonly #cluster: VirtualCluster;
  readonly process: string;

  constructor(options: InstanceOptions) {
    const { cluster, plan, work, generation, masters, broken } = options;
    const { back, slowMs, refuseSeconds } = plan;
    this.name = generation === 1 ? plan.name : `${plan.name}.${generation}`;
    this.work = work;
    this.jobs = work.jobs.length + options.inherited;
    this.back = back;
    this.refuseSeconds = refuseSeconds;
    this.frameworkId = options.frameworkId;
    this.takesOver = options.frameworkId !== undefined;
    this.#cluster = cluster;
    this.process = back.on === 'mesos' ? `${this.name}:5050` : standaloneProcess(plan);
    const factory = supervised(this.#scheduler(options), {
      slowMs: back.on === 'standalone' ? slowMs : 0,
      refuseSeconds,
      registered: (id) => {
        this.frameworkId = id;
        this.registeredMs ??= cluster.now;
      },
      broken: (how) => broken(`${this.name}: ${how}`),
      open: this.open,
      filters: plan.filters,
    });
    const stopped = (error?: string): void => {
      this.refusal = error ?? '';
      this.end(error === undefined ? 'done' : 'refused');
      // Nothing keeps the process. If the news of the end was lost, its master sees that it is gone.
      if (back.on === 'mesos') cluster.at(cluster.now + EXIT_MS, () => cluster.crash(this.process));
    };
    const frameworkInfo = { user: 'simulation', name: this.name, role: plan.role };
    const process = cluster.process(this.process);
    if (back.on === 'standalone') {
      const slavesMin = back.slaves.filter(({ mortal }) => !mortal).length;
      process.spawn(STANDALONE_ACTOR, standalone({ frameworkInfo, factory, slavesMin, stopped }));
      return;
    }
    const { frameworkId } = options;
    const info = {
      ...frameworkInfo,
      failoverTimeout: back.failoverTimeoutS,
      ...(frameworkId !== undefined && { id: frameworkId }),
    };
    process.spawn(
      'scheduler',
      slowed(
        reserving(
          schedulerActor({ master: masters.finder(this.process), frameworkInfo: info, factory, stopped }),
          { role: plan.role, ...options.reservations, random: seededRandom(`reserving ${this.name}`) },
        ),
        slowMs,
      ),
    );
  }

  /** Jobs of a queue server that have not ended. */
  get unended(): number {
    return this.jobs - this.#ended;
  }

  get state(): InstanceState {
    return this.#state;
  }

  /** Notes what became of it, unless that is known already. */
  end(state: Exclude<InstanceState, 'running'>): void {
    if (this.#state !== 'running') return;
    this.#state = state;
    this.endedMs = this.#cluster.now;
  }

  /** Ends its process, at once, also if another has taken its place. */
  crash(): void {
    if (this.#state === 'superseded') this.#state = 'killed';
    else this.end('killed');
    this.#cluster.crash(this.process);
  }

  #scheduler({ plan, generation, work, hostnames, journal }: InstanceOptions): SchedulerFactory {
    const seed = 1;
    const { name } = this;
    const idOf = (id: string): string => `g${generation}-${id}`;
    const later = (submission: Submission): Submission =>
      submission.when === 'at' ? submission : { ...submission, jobId: idOf(submission.jobId) };
    switch (work.kind) {
      case 'hadoop': {
        const replicas = chooseReplicas(
          hostnames,
          work.replication,
          seededRandom(`blocks ${plan.name} ${generation}`),
        );
        const { straggling, pools, ...policies } = work.policies;
        /** Some jobs read what the one before wrote. */
        const before = (n: number) => ({ outputOf: idOf((work.jobs[n - 1] as MapReduceJob).id) });
        const jobs = work.jobs.map(({ id, kind, maps, reduces, submission, model }, n) => ({
          id: idOf(id),
          kind,
          ...(pools.length > 0 && { pool: pools[n % pools.length] }),
          submission: later(submission),
          input: [
            ...Array.from({ length: maps }, (_, n) => ({
              id: `${id}-${n}`,
              bytes: BLOCK_BYTES,
              hosts: n % (work.farBlocks ?? Infinity) === 1 ? ['elsewhere'] : replicas.next().value,
            })),
            ...(n % 3 === 2 ? [before(n)] : []),
          ],
          ...(n % 4 === 3 && { side: [{ name: 'side', ...before(n) }] }),
          reduces,
          program: {
            type: 'model',
            ...model,
            remoteMapMs: model.mapMs * REMOTE_SLOWDOWN,
            ...(straggling && { straggling }),
          },
        }));
        const executor = { command: NO_COMMAND, resources: work.executor };
        const { slot, localityWaitMs } = work;
        const config: HadoopConfig = readHadoopConfig({
          name,
          jobs,
          slot,
          executor,
          localityWaitMs,
          failuresPerTaskMax: FAILURES_MAX,
          ...policies,
          seed,
        });
        return createJobTracker(config, { onDone: () => {} });
      }
      case 'mpi': {
        const jobs = work.jobs.map(({ priority, wallTimeMs, ...job }) => ({
          ...modelledJob({ ...job, id: idOf(job.id), submission: later(job.submission) }),
          priority,
          ...(wallTimeMs !== undefined && { wallTimeMs }),
        }));
        const { slot, queue, hoardTimeoutMs, slotsMax } = work;
        const config = readTorqueConfig({
          name,
          jobs,
          slot,
          executor: { name: 'mpi-rank', command: NO_COMMAND },
          seed,
          queue,
          hoardTimeoutMs,
          attemptsMax: FAILURES_MAX,
          incarnation: generation - 1,
          ...(slotsMax !== undefined && { slotsMax }),
        });
        const orders = work.jobs.flatMap(({ id, order }) => (order ? [{ jobId: idOf(id), ...order }] : []));
        return ordered(config, orders, {
          ...(journal && { journal }),
          onJobEnded: () => {
            this.#ended++;
          },
        });
      }
      default:
        return work satisfies never;
    }
  }
}
