/** The frameworks of virtual time: the real schedulers, with executors whose tasks take time and nothing else. */
import { chooseReplicas } from '../../frameworks/files/blocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import { createJobTracker } from '../../frameworks/hadoop/jobTracker.ts';
import { createTaskTrackerModel } from '../../frameworks/hadoop/taskTrackerModel.ts';
import { readLoadConfig } from '../../frameworks/load/config.ts';
import { createLoadExecutor } from '../../frameworks/load/executor.ts';
import { type MachineModel, sharedMachine } from '../../frameworks/load/machine.ts';
import { createLoadScheduler, LOAD_EXECUTOR } from '../../frameworks/load/scheduler.ts';
import { modelRank } from '../../frameworks/mpi/rankModel.ts';
import { readScheduling } from '../../frameworks/spark/config.ts';
import { createModelledSpark } from '../../frameworks/spark/model/modelledApplication.ts';
import { createSparkExecutorModel } from '../../frameworks/spark/model/modelRunner.ts';
import { readTorqueConfig } from '../../frameworks/torque/config.ts';
import { modelledJob } from '../../frameworks/torque/job.ts';
import { createTorqueScheduler } from '../../frameworks/torque/scheduler.ts';
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { FrameworkInfo } from '../../mesos/protocol/entities.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { MapReduceJob } from '../../workloads/jobs.ts';
import type { VirtualFramework } from '../experiments/virtualScenario.ts';
import { startingIn } from './startingExecutor.ts';

/** The executors of virtual time, by their names. */
const MODELS: Readonly<Record<string, ExecutorFactory>> = {
  'hadoop-tasktracker': createTaskTrackerModel(),
  'mpi-rank': modelRank,
  'spark-executor': createSparkExecutorModel(),
  [LOAD_EXECUTOR]: createLoadExecutor(),
};

const NO_COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };

/** The executors of a slave, which take so long to start; with a machine that the tasks of loads share, if there is one. */
export function modelsOn(
  machine: MachineModel | undefined,
  startMs: Millis,
): Readonly<Record<string, ExecutorFactory>> {
  const models =
    machine === undefined
      ? MODELS
      : { ...MODELS, [LOAD_EXECUTOR]: createLoadExecutor({ machine: sharedMachine(machine) }) };
  if (startMs === 0) return models;
  return Object.fromEntries(
    Object.entries(models).map(([name, factory]) => [name, startingIn(startMs, factory)]),
  );
}

/** How the framework introduces itself. */
export function infoOf({ name, role, guarantee }: VirtualFramework): FrameworkInfo {
  return {
    user: 'lab',
    name,
    ...(role !== undefined && { role }),
    ...(guarantee !== undefined && { guarantee }),
  };
}

/** How many jobs it has with this seed; 0 if it has no list of them. */
export function countJobs(framework: VirtualFramework, seed: number): number {
  return framework.kind === 'load' ? (framework.load.jobsMax ?? 0) : framework.jobs(seed).length;
}

/** The scheduler of a framework whose blocks are on these nodes. */
export function schedulerOf(
  framework: VirtualFramework,
  nodes: readonly string[],
  replication: number,
  seed: number,
): SchedulerFactory {
  const { name } = framework;
  switch (framework.kind) {
    case 'hadoop': {
      const replicas = chooseReplicas(nodes, replication, seededRandom(`blocks/${seed}/${name}`));
      const jobs = framework
        .jobs(seed)
        .map((job) => modelledHadoopJob(job, framework.remoteSlowdown, () => replicas.next().value));
      const executor = { command: NO_COMMAND };
      const { slot, localityWaitMs, speculation } = framework;
      const config = {
        ...{ name, jobs, slot, executor, localityWaitMs, seed },
        ...(speculation !== undefined && { speculation }),
      };
      return createJobTracker(readHadoopConfig(config), { onDone() {} });
    }
    case 'mpi': {
      const { slot } = framework;
      const jobs = framework.jobs(seed).map(modelledJob);
      const executor = { name: 'mpi-rank', command: NO_COMMAND };
      const config = readTorqueConfig({ ...framework.torque, name, jobs, slot, executor, seed });
      return createTorqueScheduler(config, { onDone() {} });
    }
    case 'spark': {
      const { slot, mode, localityWaitMs, cacheBytes, remoteSlowdown, executorResources } = framework;
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
    case 'load': {
      const executor = { command: NO_COMMAND };
      return createLoadScheduler(readLoadConfig({ ...framework.load, name, seed, executor }), {
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
