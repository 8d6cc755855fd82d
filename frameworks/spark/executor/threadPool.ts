/**
 * The threads of an executor. What a task caches is in the memory of its thread, and cannot be seen by another: so a task goes to
 * the thread that has what it reads, even if it has to wait there; else to the idle one with the least in memory.
 */
import { Worker } from 'node:worker_threads';
import type { Millis, Timer } from '../../../mesos/driver/actor.ts';
import { COLLECT_AFTER_MS } from '../../threadGarbage.ts';
import type { TaskData } from '../taskData.ts';
import type { BroadcastStore } from './broadcastStore.ts';
import type { TaskEnd } from './runner.ts';
import type { ThreadAnswer, ThreadOrder, ThreadSetting } from './taskThread.ts';

/** How long a task that was told to end may go on until it is made to, with all that its thread has in memory. */
const KILL_GRACE_MS = 3_000;
/** Memory of a thread for what tasks hold beside what is cached. */
const HEAP_MIB_MIN = 512;
const MIB = 1024 * 1024;

interface Waiting {
  readonly number: number;
  readonly name: string;
  readonly task: TaskData;
  readonly ended: (end: TaskEnd) => void;
  isKilled: boolean;
}

interface Thread {
  readonly worker: Worker;
  readonly killed: Int32Array<SharedArrayBuffer>;
  readonly own: Int32Array<SharedArrayBuffer>;
  /** Bytes of what it has in memory, by dataset and partition. */
  readonly cached: Map<string, number>;
  running: Waiting | undefined;
  readonly queue: Waiting[];
  grace: Timer | undefined;
  /** While it has no task: when it gives back what the last ones have left. */
  collecting: Timer | undefined;
}

/** What a pool needs. */
export interface ThreadPoolOptions extends Omit<ThreadSetting, 'left' | 'own' | 'killed'> {
  readonly broadcasts: BroadcastStore;
  readonly after: (delay: Millis, run: () => void) => Timer;
}

/** A set of threads that grows with demand: there are never more than tasks at a time. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #left = new Int32Array(new SharedArrayBuffer(4));
  #tasks = 0;
  #isClosed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#left[0] = Math.min(2 ** 31 - 1, Math.floor(options.executor.cacheBytes / 1024));
  }

  /** Runs a task of this name. */
  run(name: string, task: TaskData, ended: (end: TaskEnd) => void): void {
    const thread = this.#choose(task);
    thread.queue.push({ number: ++this.#tasks, name, task, ended, isKilled: false });
    this.#next(thread);
  }

  /** Ends a task, if it is there. */
  kill(name: string): void {
    for (const thread of this.#threads) {
      const waiting = thread.queue.find((one) => one.name === name);
      if (waiting !== undefined) {
        thread.queue.splice(thread.queue.indexOf(waiting), 1);
        waiting.ended({ outcome: 'killed' });
        return;
      }
      if (thread.running?.name !== name || thread.running.isKilled) continue;
      thread.running.isKilled = true;
      Atomics.store(thread.killed, 0, thread.running.number);
      thread.grace = this.#options.after(KILL_GRACE_MS, () => this.#lose(thread, { outcome: 'killed' }));
      return;
    }
  }

  /** Lets go of a cached dataset. */
  unpersist(dataset: number): void {
    for (const { worker, cached } of this.#threads) {
      worker.postMessage({ type: 'unpersist', dataset } satisfies ThreadOrder);
      for (const key of cached.keys()) if (key.startsWith(`${dataset}/`)) cached.delete(key);
    }
  }

  /** Lets go of what threads have read of a broadcast value. */
  forgetBroadcast(id: number): void {
    for (const { worker } of this.#threads)
      worker.postMessage({ type: 'forget', broadcast: id } satisfies ThreadOrder);
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = [...this.#threads];
    this.#threads.clear();
    for (const { grace, collecting } of threads) {
      grace?.cancel();
      collecting?.cancel();
    }
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #choose({ plan, partition }: TaskData): Thread {
    // What is made last is nearest to the result.
    for (const { dataset, isCached } of plan.toReversed())
      if (isCached)
        for (const thread of this.#threads) if (thread.cached.has(`${dataset}/${partition}`)) return thread;
    const idle = [...this.#threads].filter(
      ({ running, queue }) => running === undefined && queue.length === 0,
    );
    if (idle.length === 0) return this.#start();
    return idle.reduce((least, one) => (heldBytes(one) < heldBytes(least) ? one : least));
  }

  #next(thread: Thread): void {
    if (thread.running !== undefined || this.#isClosed) return;
    const waiting = thread.queue.shift();
    if (waiting === undefined) return;
    thread.collecting?.cancel();
    thread.running = waiting;
    thread.worker.ref();
    const { number, name, task } = waiting;
    this.#options.broadcasts.bytesOf(task.broadcasts).then(
      ({ found, unknown }) => {
        if (thread.running !== waiting) return;
        if (waiting.isKilled) return this.#ended(thread, { outcome: 'killed', cache: NO_CHANGES });
        if (unknown.length > 0)
          return this.#ended(thread, {
            outcome: 'failed',
            message: `The executor does not know the broadcasts ${unknown.join(', ')}.`,
            failure: { cache: NO_CHANGES, unknownBroadcasts: [...unknown] },
          });
        thread.worker.postMessage({
          type: 'run',
          number,
          name,
          task,
          broadcasts: found,
        } satisfies ThreadOrder);
      },
      (error: Error) => {
        if (thread.running === waiting)
          this.#ended(thread, { outcome: 'failed', message: error.message, failure: { cache: NO_CHANGES } });
      },
    );
  }

  #ended(thread: Thread, answer: ThreadAnswer): void {
    const { running } = thread;
    thread.grace?.cancel();
    thread.grace = undefined;
    thread.running = undefined;
    thread.worker.unref();
    const cache =
      answer.outcome === 'finished'
        ? answer.report.cache
        : answer.outcome === 'failed'
          ? answer.failure.cache
          : answer.cache;
    for (const { dataset, partition } of cache.dropped) thread.cached.delete(`${dataset}/${partition}`);
    for (const { dataset, partition, bytes } of cache.added)
      thread.cached.set(`${dataset}/${partition}`, bytes);
    running?.ended(answer);
    this.#next(thread);
    if (thread.running === undefined && !this.#isClosed) this.#rest(thread);
  }

  #rest(thread: Thread): void {
    const collect = { type: 'collect' } satisfies ThreadOrder;
    thread.collecting = this.#options.after(COLLECT_AFTER_MS, () => thread.worker.postMessage(collect));
  }

  /** The thread is gone, or has to go, with all that it has in memory. What waits for it goes elsewhere. */
  #lose(thread: Thread, end: TaskEnd): void {
    if (!this.#threads.delete(thread)) return;
    thread.grace?.cancel();
    thread.collecting?.cancel();
    void thread.worker.terminate();
    const dropped = [...thread.cached].map(([key, bytes]) => {
      const [dataset = 0, partition = 0] = key.split('/').map(Number);
      return { dataset, partition, bytes };
    });
    Atomics.add(this.#left, 0, Atomics.exchange(thread.own, 0, 0));
    const { running, queue } = thread;
    thread.running = undefined;
    if (end.outcome === 'failed')
      running?.ended({ ...end, failure: { ...end.failure, cache: { added: [], dropped } } });
    else running?.ended(end);
    for (const { name, task, ended } of queue) this.run(name, task, ended);
  }

  #start(): Thread {
    const { broadcasts: _, after: __, ...setting } = this.#options;
    const killed = new Int32Array(new SharedArrayBuffer(4));
    const own = new Int32Array(new SharedArrayBuffer(4));
    const workerData: ThreadSetting = { ...setting, left: this.#left, own, killed };
    const heapMiB = Math.ceil((1.5 * setting.executor.cacheBytes) / MIB) + HEAP_MIB_MIN;
    const worker = new Worker(new URL('./taskThread.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    });
    const thread: Thread = {
      worker,
      killed,
      own,
      cached: new Map(),
      running: undefined,
      queue: [],
      grace: undefined,
      collecting: undefined,
    };
    this.#threads.add(thread);
    worker.on('message', (answer: ThreadAnswer) => this.#ended(thread, answer));
    const lose = (message: string): void =>
      this.#lose(thread, { outcome: 'failed', message, failure: { cache: NO_CHANGES } });
    worker.on('error', (error) => lose(`The task broke its thread: ${error.message}.`));
    worker.on('exit', (code) => lose(`The task ended its thread, with exit code ${code}.`));
    // An idle thread does not keep the process alive; listening to it would.
    worker.unref();
    return thread;
  }
}

const NO_CHANGES = { added: [], dropped: [] };

function heldBytes({ cached }: Thread): number {
  let bytes = 0;
  for (const held of cached.values()) bytes += held;
  return bytes;
}
