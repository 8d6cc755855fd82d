/** Vertices in virtual time: they only take time, the same on every system for the same seed. */
import type { Timer } from '../../mesos/driver/actor.ts';
import { EXECUTOR_DEFAULTS, type ExecutorFactory } from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId } from '../../mesos/protocol/entities.ts';
import { sampler } from '../../workloads/distribution.ts';
import { seededUniform } from '../../workloads/random.ts';
import { readData, TrackerDataSchema } from '../hadoop/taskData.ts';
import type { Program } from './program/program.ts';
import { type VertexData, VertexDataSchema, type VertexReport } from './vertexData.ts';

/** The executor of modelled vertices. */
export const vertexModel: ExecutorFactory = (driver) => {
  const running = new Map<TaskId, Timer>();
  let [hostname, seed] = ['', 0];
  return {
    ...EXECUTOR_DEFAULTS,
    registered({ slaveInfo, executorInfo }) {
      hostname = slaveInfo.hostname;
      seed = readData(TrackerDataSchema, executorInfo.data)?.seed ?? 0;
    },
    launchTask({ taskId, data }) {
      const vertex = readData(VertexDataSchema, data);
      if (vertex?.program.type !== 'model') {
        const message = 'A modelled executor runs only vertices of a modelled program.';
        return driver.sendStatus(taskId, 'TASK_FAILED', { message });
      }
      const report = reportOf(vertex, vertex.program, hostname);
      driver.sendStatus(taskId, 'TASK_RUNNING');
      const timer = driver.after(lengthMs(seed, vertex, vertex.program, report.locality), () => {
        running.delete(taskId);
        driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(report) });
      });
      running.set(taskId, timer);
    },
    killTask(taskId) {
      running.get(taskId)?.cancel();
      if (running.delete(taskId)) driver.sendStatus(taskId, 'TASK_KILLED');
    },
  };
};

type Model = Program & { readonly type: 'model' };

function reportOf(vertex: VertexData, { outputBytes }: Model, hostname: string): VertexReport {
  const { block, hosts, inputs, part } = vertex;
  const places = inputs.flatMap((input) => input.places);
  const near = places.filter((place) => hosts[place] === hostname).length;
  const isLocal = block === undefined ? 2 * near >= places.length : block.hosts.includes(hostname);
  return {
    locality: isLocal ? 'local' : 'remote',
    inputBytes: block?.bytes ?? 0,
    remoteBytes: 0,
    outputBytes,
    outputRecords: 0,
    ...(part !== undefined && { part: { name: part, hosts: [hostname] } }),
  };
}

function lengthMs(
  seed: number,
  { jobId, stage, index }: VertexData,
  { ms, remoteMs = ms, cv }: Model,
  locality: VertexReport['locality'],
): number {
  const mean = locality === 'local' ? ms : remoteMs;
  if (mean === 0 || cv === 0) return mean;
  return sampler(
    { type: 'log-normal', mean, cv },
    seededUniform(`dryad/${seed}/${jobId}/${stage}/${index}`),
  )();
}
