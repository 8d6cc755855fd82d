/**
 * Threads for tasks, one for each that runs at a time.
 *
 * A task in a thread of its own uses another core than its neighbours, and never keeps the TaskTracker from
 * answering its slave; it is killed by ending the thread, in whatever it is just doing; and if it runs out of
 * memory it fails alone. A thread takes longer to start than a small task to run, so those that are idle are
 * used again; but only for a while, in which they collect their garbage, for each takes some 20 MiB, and where
 * several frameworks share a node most of their threads are idle.
 */
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Millis, Timer } from '../../../mesos/driver/actor.ts';
import { COLLECT_AFTER_MS } from '../../threadGarbage.ts';
import type { CollectOrder, WorkerAnswer, WorkerOrder, WorkerSetting } from './worker.ts';

/** A task that was given to a thread. */
export interface RunningTask {
  /** Resolves when it has ended by itself; never, if it was killed. */
  readonly answer: Promise<WorkerAnswer>;
  /** How much of it is done, 0 to 1. */
  progress(): number;
  /** Ends it, wherever it is, and removes its unfinished files. */
  kill(): Promise<void>;
}

/** Most memory that a task's thread may take for JavaScript objects, beside its buffers. */
const HEAP_MIB_MAX = 256;

/** How long a thread waits for another task. To start one again takes some 0.1 s of processor time. */
const IDLE_MS_MAX = 2_000;

/** A thread without a task. */
interface Idle {
  readonly worker: Worker;
  /** First it is told to collect its garbage, then it is ended. */
  next: Timer;
}

/** A set of threads that grows and shrinks with demand. */
export class WorkerPool {
  readonly #script: URL;
  readonly #setting: WorkerSetting;
  readonly #after: (delay: Millis, run: () => void) => Timer;
  #idle: Idle[] = [];
  readonly #all = new Set<Worker>();

  /** `script`: the module that each thread runs, see worker.ts. `after`: calls back in a while. */
  constructor(script: URL, setting: WorkerSetting, after: (delay: Millis, run: () => void) => Timer) {
    this.#script = script;
    this.#setting = setting;
    this.#after = after;
  }

  /** Runs a task. */
  run(task: Omit<WorkerOrder, 'progress'>): RunningTask {
    const progress = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    const order: WorkerOrder = { ...task, progress };
    const worker = this.#takeIdle() ?? this.#start();
    let stopListening = (): void => undefined;
    const answer = new Promise<WorkerAnswer>((resolve) => {
      const onMessage = (given: WorkerAnswer): void => {
        stopListening();
        this.#rest(worker);
        resolve(given);
      };
      const fail = (message: string): void => {
        stopListening();
        const failed = (): void => resolve({ outcome: 'failed', message });
        rm(order.temporary, { recursive: true, force: true }).then(failed, failed);
      };
      const onError = (error: Error): void => fail(`The task broke its thread: ${error.message}.`);
      const onExit = (code: number): void => fail(`The task ended its thread, with exit code ${code}.`);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      stopListening = () => worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    });
    worker.postMessage(order);
    return {
      answer,
      progress: () => new Float64Array(progress)[0] ?? 0,
      kill: async () => {
        stopListening();
        this.#all.delete(worker);
        await worker.terminate();
        await rm(order.temporary, { recursive: true, force: true });
      },
    };
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const workers = [...this.#all];
    this.#all.clear();
    for (const { next } of this.#idle.splice(0)) next.cancel();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** The one that has worked last: so those that are not needed are idle for long enough to end. */
  #takeIdle(): Worker | undefined {
    const last = this.#idle.pop();
    last?.next.cancel();
    return last?.worker;
  }

  #rest(worker: Worker): void {
    if (!this.#all.has(worker)) return;
    const collect = this.#after(COLLECT_AFTER_MS, () => {
      worker.postMessage('collect' satisfies CollectOrder);
      idle.next = this.#after(IDLE_MS_MAX - COLLECT_AFTER_MS, () => this.#end(worker));
    });
    const idle: Idle = { worker, next: collect };
    this.#idle.push(idle);
  }

  #end(worker: Worker): void {
    this.#forget(worker);
    void worker.terminate();
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    this.#idle.find((one) => one.worker === worker)?.next.cancel();
    this.#idle = this.#idle.filter((one) => one.worker !== worker);
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      workerData: this.#setting,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#all.add(worker);
    // Without a listener an error would end the process; the exit comes after it.
    worker.on('error', () => {}).once('exit', () => this.#forget(worker));
    return worker;
  }
}
