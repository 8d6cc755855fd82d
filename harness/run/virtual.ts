/** Runs a scenario in virtual time: the whole cluster in this thread. */
import { setImmediate } from 'node:timers/promises';

import { chooseReplicas } from '../../frameworks/dfs/blocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import { createJobTracker } from '../../frameworks/hadoop/jobTracker.ts';
import { createTaskTrackerModel } from '../../frameworks/hadoop/taskTrackerModel.ts';
import { modelRank } from '../../frameworks/mpi/rankModel.ts';
import { readScheduling } from '../../frameworks/spark/config.ts';
import { createModelledSpark } from '../../frameworks/spark/model/modelledApplication.ts';
import { createSparkExecutorModel } from '../../frameworks/spark/model/modelRunner.ts';
import { standalone } from '../../frameworks/standalone/standalone.ts';
import { readTorqueConfig } from '../../frameworks/torque/config.ts';
import { modelledJob } from '../../frameworks/torque/job.ts';
import { createTorqueScheduler } from '../../frameworks/torque/scheduler.ts';
import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import type { MapReduceJob } from '../../workloads/jobs.ts';
import type { VirtualFramework, VirtualScenario } from '../experiments/experiment.ts';
import type { System } from '../result.ts';

/** What to run. */
export interface VirtualRun {
  readonly scenario: VirtualScenario;
  readonly system: System;
  readonly seed: number;
  readonly history: (line: HistoryLine) => void;
  /** How the master allocates; default fair sharing. */
  readonly allocation?: AllocationFactory;
  /** Aborts when the run is to end early; its reason is thrown. */
  readonly stopping?: AbortSignal;
}

/** How it went. */
export interface VirtualOutcome {
  /** Did every framework end? */
  readonly completed: boolean;
  /** Virtual time at the end. */
  readonly endMs: number;
  /** Events of the simulation. */
  readonly events: number;
}

/** The executors of virtual time, by their names. */
const MODELS = {
  'hadoop-tasktracker': createTaskTrackerModel(),
  'mpi-rank': modelRank,
  'spark-executor': createSparkExecutorModel(),
};
const NO_COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const MASTER_PROCESS = 'master:5050';
/** Events in one turn of the event loop: some 50 ms. */
const EVENTS_PER_TURN = 25_000;
/** Time for the end of the last framework to reach master and slaves. */
const FAREWELL_MS = 1_000;

/** Runs a scenario on one of the systems to its end. Lets others run now and then, such as who wants it to stop. */
export async function runVirtual(run: VirtualRun): Promise<VirtualOutcome> {
  const { scenario, system, seed, history, allocation = fair(), stopping } = run;
  const { allocationIntervalMs = MASTER_DEFAULTS.allocationIntervalMs } = scenario;
  const cluster = new VirtualCluster({ seed, history });
  const running = new Set(scenario.frameworks);
  const hostnames = Array.from(
    { length: scenario.slaves },
    (_, n) => `node${String(n + 1).padStart(3, '0')}`,
  );
  if (system === 'mesos')
    cluster
      .process(MASTER_PROCESS)
      .spawn('master', master({ ...MASTER_DEFAULTS, allocation, allocationIntervalMs }));

  const addSlave = (hostname: string, masterAddress: Address): void => {
    const process = cluster.process(`${hostname}:5051`);
    const isolation = emulated(process, MODELS, (run) => cluster.at(cluster.now, run));
    const resources = scenario.slaveResources;
    const speed = scenario.speeds?.[hostnames.indexOf(hostname)] ?? 1;
    const attributes: Readonly<Record<string, string>> = speed === 1 ? {} : { speed: String(speed) };
    process.spawn('slave', slave({ master: masterAddress, hostname, resources, attributes, isolation }));
  };
  let placed = 0;
  for (const [index, framework] of scenario.frameworks.entries()) {
    const own = hostnames.slice(placed, placed + framework.partition);
    placed += framework.partition;
    const nodes = system === 'mesos' ? hostnames : own;
    const holders = scenario.blocksOn === 'cluster' ? hostnames : nodes;
    const factory = schedulerOf(framework, holders, scenario.replication, seed);
    const process = `framework${index + 1}:5050`;
    const frameworkInfo = { user: 'lab', name: framework.name };
    const stopped = (): void => void running.delete(framework);
    if (system === 'mesos') {
      const kind = schedulerActor({ master: `master@${MASTER_PROCESS}`, frameworkInfo, factory, stopped });
      cluster.process(process).spawn('scheduler', kind);
    } else {
      const kind = standalone({ frameworkInfo, factory, slavesMin: own.length, stopped });
      const address = cluster.process(process).spawn('master', kind);
      for (const hostname of own) addSlave(hostname, address);
    }
  }
  if (system === 'mesos') for (const hostname of hostnames) addSlave(hostname, `master@${MASTER_PROCESS}`);

  let end: ReturnType<VirtualCluster['run']> = 'done';
  while (end === 'done' && running.size > 0) {
    const enough = cluster.events + EVENTS_PER_TURN;
    end = cluster.run(() => running.size === 0 || cluster.events >= enough, scenario.limitMs);
    await setImmediate();
    stopping?.throwIfAborted();
  }
  // The last goodbyes are still under way.
  cluster.run(() => false, cluster.now + FAREWELL_MS);
  return { completed: running.size === 0, endMs: cluster.now, events: cluster.events };
}

function schedulerOf(
  framework: VirtualFramework,
  nodes: readonly string[],
  replication: number,
  seed: number,
): SchedulerFactory {
  const { name, slot } = framework;
  switch (framework.kind) {
    case 'hadoop': {
      const replicas = chooseReplicas(nodes, replication, seededRandom(`blocks/${seed}/${name}`));
      const jobs = framework
        .jobs(seed)
        .map((job) => modelledHadoopJob(job, framework.remoteSlowdown, () => replicas.next().value));
      const executor = { command: NO_COMMAND };
      const { localityWaitMs, speculation } = framework;
      const config = {
        ...{ name, jobs, slot, executor, localityWaitMs, seed },
        ...(speculation !== undefined && { speculation }),
      };
      return createJobTracker(readHadoopConfig(config), { onDone() {} });
    }
    case 'mpi': {
      const jobs = framework.jobs(seed).map(modelledJob);
      const executor = { name: 'mpi-rank', command: NO_COMMAND };
      const config = readTorqueConfig({ ...framework.torque, name, jobs, slot, executor, seed });
      return createTorqueScheduler(config, { onDone() {} });
    }
    case 'spark': {
      const { mode, localityWaitMs, cacheBytes, remoteSlowdown, executorResources } = framework;
      const replicas = chooseReplicas(nodes, replication, seededRandom(`blocks/${seed}/${name}`));
      const jobs = framework.jobs(seed);
      const hosts = new Map(
        jobs.map((job) => [job, Array.from({ length: job.partitions }, () => replicas.next().value)]),
      );
      const executor = { command: NO_COMMAND, resources: executorResources };
      const config = { name, slot, executor, localityWaitMs, cacheBytes, seed, ...(mode && { mode }) };
      return createModelledSpark({
        config: readScheduling(config),
        jobs,
        hostsOf: (job, partition) => hosts.get(job)?.[partition] ?? [],
        remoteSlowdown,
        onDone() {},
      });
    }
    default:
      return framework satisfies never;
  }
}

function modelledHadoopJob(
  job: MapReduceJob,
  remoteSlowdown: number,
  replicas: () => readonly string[],
): HadoopConfig['jobs'][number] {
  const { id, kind, maps, reduces, submission, model } = job;
  return {
    id,
    kind,
    submission,
    input: Array.from({ length: maps }, (_, n) => ({
      id: `${id}-${n}`,
      bytes: BLOCK_BYTES,
      hosts: replicas(),
    })),
    reduces,
    program: { type: 'model', ...model, remoteMapMs: model.mapMs * remoteSlowdown },
  };
}

/** Size of a modelled block: HDFS's of the time. It has no effect on modelled times. */
const BLOCK_BYTES = 64 * 1024 * 1024;
