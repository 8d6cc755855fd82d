/** A rank that works: the executor of one process of a job. */
import type { ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import { encodeData, type TaskId, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { Communicator } from './communicator.ts';
import { type Peer, readMessage, type Start, type Started, StartSchema } from './message.ts';
import { Processes } from './processes.ts';
import { misfit } from './program.ts';
import { RankListener } from './rankListener.ts';
import type { RankResult } from './result.ts';
import { type RealProgram, runProgram } from './runProgram.ts';

/** Longest message of a status. */
const MESSAGE_LENGTH_MAX = 1000;

/** Where ranks listen. */
export interface RankOptions {
  /** Address to listen on, by which the other ranks reach it; default 127.0.0.1, which nobody outside this machine does. */
  readonly host?: string;
  /** Where it may write files; default: where its process runs, which is its sandbox. */
  readonly folder?: string;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'opening'; readonly taskId: TaskId }
  | { readonly state: 'waiting'; readonly taskId: TaskId; readonly listener: RankListener }
  | { readonly state: 'joining'; readonly taskId: TaskId; readonly listener: RankListener }
  | { readonly state: 'working'; readonly taskId: TaskId; readonly communicator: Communicator };

/** The executor of a rank that runs for real. It has one task in its life. */
export function rank({ host = '127.0.0.1', folder = process.cwd() }: RankOptions = {}): ExecutorFactory {
  return (driver) => new Rank(driver, host, folder);
}

class Rank {
  readonly #driver: ExecutorDriver;
  readonly #host: string;
  readonly #folder: string;
  /** What the rank has started. */
  readonly #processes = new Processes();
  #now: State = { state: 'idle' };

  constructor(driver: ExecutorDriver, host: string, folder: string) {
    this.#driver = driver;
    this.#host = host;
    this.#folder = folder;
  }

  registered(): void {}

  launchTask({ taskId }: TaskInfo): void {
    if (this.#now.state !== 'idle') {
      this.#driver.sendStatus(taskId, 'TASK_FAILED', { message: 'this executor has its one rank already' });
      return;
    }
    this.#now = { state: 'opening', taskId };
    this.#open(taskId).catch((error) => this.#fail(taskId, error));
  }

  killTask(taskId: TaskId): void {
    if (this.#end(taskId, new Error('the rank was killed'))) this.#driver.sendStatus(taskId, 'TASK_KILLED');
  }

  frameworkMessage(data: string): void {
    const start = readMessage(StartSchema, data);
    if (start === undefined || this.#now.state === 'idle' || this.#now.taskId !== start.taskId) return;
    if (this.#now.state === 'opening') return;
    if (this.#now.state === 'waiting') {
      const { listener } = this.#now;
      this.#now = { state: 'joining', taskId: start.taskId, listener };
      this.#work(start, listener).catch((error) => this.#fail(start.taskId, error));
    }
    this.#driver.sendFrameworkMessage(
      encodeData({ type: 'started', taskId: start.taskId } satisfies Started),
    );
  }

  shutdown(): void {
    if (this.#now.state !== 'idle') this.killTask(this.#now.taskId);
  }

  async #open(taskId: TaskId): Promise<void> {
    const listener = await RankListener.listen(this.#host);
    if (this.#now.state !== 'opening' || this.#now.taskId !== taskId) {
      listener.close(new Error('the rank was killed'));
      return;
    }
    this.#now = { state: 'waiting', taskId, listener };
    const peer: Peer = { endpoint: listener.endpoint, speed: 1 };
    this.#driver.sendStatus(taskId, 'TASK_RUNNING', { data: encodeData(peer) });
  }

  async #work(start: Start, listener: RankListener): Promise<void> {
    const { taskId, peers, secret = '', program } = start;
    if (program.type === 'model')
      throw new Error("a 'model' program computes nothing; give a real one, or name the modelled executor");
    if (secret === '') throw new Error('the start message has no secret');
    const reason = misfit(program, peers.length);
    if (reason !== undefined) throw new Error(`the job ${reason}`);
    const startedMs = this.#driver.now();
    const endpoints = peers.map(({ endpoint }) => endpoint);
    const communicator = await listener.join({ rank: start.rank, endpoints, secret });
    if (this.#now.state !== 'joining') {
      communicator.abort(new Error('the rank was killed'));
      return;
    }
    this.#now = { state: 'working', taskId, communicator };
    const found = await this.#run(start, program, communicator);
    // All ranks are released together.
    await communicator.barrier();
    communicator.close();
    this.#processes.close();
    this.#now = { state: 'idle' };
    if (communicator.rank !== 0 || found === undefined)
      return this.#driver.sendStatus(taskId, 'TASK_FINISHED');
    const result: RankResult = { ...found, seconds: (this.#driver.now() - startedMs) / 1000 };
    this.#driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(result) });
  }

  #run(start: Start, program: RealProgram, communicator: Communicator): ReturnType<typeof runProgram> {
    return runProgram(communicator, program, {
      jobId: start.jobId,
      hosts: start.peers.map(({ endpoint }) => endpoint.host),
      folder: this.#folder,
      processes: this.#processes,
      now: () => this.#driver.now(),
    });
  }

  #fail(taskId: TaskId, error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    if (!this.#end(taskId, reason)) return;
    const message = reason.message.slice(0, MESSAGE_LENGTH_MAX);
    this.#driver.sendStatus(taskId, 'TASK_FAILED', { message });
  }

  /** Ends the task at once, if it has not ended yet. */
  #end(taskId: TaskId, reason: Error): boolean {
    const ended = this.#now;
    if (ended.state === 'idle' || ended.taskId !== taskId) return false;
    this.#now = { state: 'idle' };
    if (ended.state === 'waiting' || ended.state === 'joining') ended.listener.close(reason);
    if (ended.state === 'working') ended.communicator.abort(reason);
    this.#processes.close();
    return true;
  }
}
