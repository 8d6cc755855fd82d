/** A rank in virtual time: the same messages as a real one, but it sleeps for as long as its job would take. */
import type { ExecutorContext, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { drawLength } from '../../workloads/partition.ts';
import { seededUniform } from '../../workloads/random.ts';
import { modelledSpeed } from '../modelledSpeed.ts';
import {
  type Endpoint,
  type Peer,
  type RankResult,
  readMessage,
  type Start,
  type Started,
  StartSchema,
} from './message.ts';

/** Modelled ranks do not listen. */
const NOWHERE: Endpoint = { host: 'model', port: 0 };

/**
 * How long each rank of a job would work alone, in milliseconds, by rank. The draw depends on the seed, the job and
 * the rank only, so a rank is as long on a static partition as it is on Mesos; a slow machine stretches it.
 */
function drawRankTimes(start: Pick<Start, 'seed' | 'jobId' | 'peers' | 'program'>): readonly number[] {
  const { seed, jobId, peers, program } = start;
  if (program.type !== 'model') throw new TypeError(`a modelled rank cannot run a '${program.type}' program`);
  const uniform = seededUniform(`mpi ${seed} ${jobId}`);
  return peers.map(({ speed }) => drawLength(program.workMs, program.cv, uniform) / speed);
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'waiting'; readonly taskId: TaskId }
  | { readonly state: 'working'; readonly taskId: TaskId; readonly cancel: () => void };

/** The executor of one modelled rank. */
export const modelRank: ExecutorFactory = (driver: ExecutorDriver) => {
  let peer: Peer = { endpoint: NOWHERE, speed: 1 };
  let current: State = { state: 'idle' };

  const end = (): TaskId | undefined => {
    const ended = current;
    current = { state: 'idle' };
    if (ended.state === 'working') ended.cancel();
    return ended.state === 'idle' ? undefined : ended.taskId;
  };

  const begin = (start: Start): void => {
    const times = drawRankTimes(start);
    // The ranks wait for each other all the time, so all end with the slowest (NSDI'11 §6.1.2).
    const jobMs = times.reduce((slowest, ms) => Math.max(slowest, ms), 0);
    const result: RankResult = { type: 'model', ownMs: times[start.rank] ?? 0, jobMs };
    const timer = driver.after(jobMs, () => {
      const taskId = end();
      if (taskId !== undefined) driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(result) });
    });
    current = { state: 'working', taskId: start.taskId, cancel: () => timer.cancel() };
  };

  return {
    registered({ slaveInfo }: ExecutorContext): void {
      peer = { endpoint: NOWHERE, speed: modelledSpeed(slaveInfo) };
    },

    launchTask({ taskId }: TaskInfo): void {
      if (current.state !== 'idle') {
        driver.sendStatus(taskId, 'TASK_FAILED', { message: 'this executor has its one rank already' });
        return;
      }
      current = { state: 'waiting', taskId };
      driver.sendStatus(taskId, 'TASK_RUNNING', { data: encodeData(peer) });
    },

    killTask(taskId: TaskId): void {
      if (current.state === 'idle' || current.taskId !== taskId) return;
      end();
      driver.sendStatus(taskId, 'TASK_KILLED');
    },

    frameworkMessage(data: string): void {
      const start = readMessage(StartSchema, data);
      if (start === undefined || current.state === 'idle' || current.taskId !== start.taskId) return;
      if (current.state === 'waiting') {
        if (start.program.type !== 'model') {
          end();
          const message = `a modelled rank cannot run a '${start.program.type}' program; name the real executor`;
          driver.sendStatus(start.taskId, 'TASK_FAILED', { message });
          return;
        }
        begin(start);
      }
      driver.sendFrameworkMessage(encodeData({ type: 'started', taskId: start.taskId } satisfies Started));
    },

    shutdown(): void {
      const taskId = end();
      if (taskId !== undefined)
        driver.sendStatus(taskId, 'TASK_KILLED', { message: 'the executor was shut down' });
    },
  };
};
