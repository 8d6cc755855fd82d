/**
 * Threads for tasks, one for each that runs at a time.
 *
 * A task in a thread of its own uses another core than its neighbours, and never keeps the TaskTracker from
 * answering its slave; it is killed by ending the thread, in whatever it is just doing; and if it runs out of
 * memory it fails alone. A thread takes longer to start than a small task to run, so those that are idle are
 * used again.
 */
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer, WorkerOrder, WorkerSetting } from './worker.ts';

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

/** A set of threads that grows with demand. */
export class WorkerPool {
  readonly #script: URL;
  readonly #setting: WorkerSetting;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** `script`: the module that each thread runs, see worker.ts. */
  constructor(script: URL, setting: WorkerSetting) {
    this.#script = script;
    this.#setting = setting;
  }

  /** Runs a task. */
  run(task: Omit<WorkerOrder, 'progress'>): RunningTask {
    const progress = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    const order: WorkerOrder = { ...task, progress };
    const worker = this.#idle.pop() ?? this.#start();
    let stopListening = (): void => undefined;
    const answer = new Promise<WorkerAnswer>((resolve) => {
      const onMessage = (given: WorkerAnswer): void => {
        stopListening();
        this.#idle.push(worker);
        resolve(given);
      };
      const onError = (error: Error): void => {
        stopListening();
        const message = `The task broke its thread: ${error.message}.`;
        const failed = (): void => resolve({ outcome: 'failed', message });
        rm(order.temporary, { recursive: true, force: true }).then(failed, failed);
      };
      worker.on('message', onMessage).on('error', onError);
      stopListening = () => worker.off('message', onMessage).off('error', onError);
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
    this.#idle.length = 0;
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      workerData: this.#setting,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#all.add(worker);
    worker.on('error', () => this.#all.delete(worker));
    return worker;
  }
}
