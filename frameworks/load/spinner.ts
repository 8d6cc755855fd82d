/** A thread that keeps a core busy until it is told to stop. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { Spin } from './executor.ts';

/** Starts such a thread. */
export const startSpinner: Spin = () => {
  const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL(import.meta.url), { workerData: flag });
  return {
    stop() {
      Atomics.store(flag, 0, 1);
      void worker.terminate();
    },
  };
};

if (!isMainThread && workerData instanceof Int32Array) while (Atomics.load(workerData, 0) === 0);
