/** What a thread that waits for a task still holds of the last ones. */
import { getHeapStatistics } from 'node:v8';

/** How long a thread has to be without a task for this to be worth its time: many get the next one at once. */
export const COLLECT_AFTER_MS = 600;
/** A thread that has grown by less is left alone: it would give back little. */
const WORTH_BYTES = 3 * 1024 * 1024;

/** The memory of a thread. */
export interface ThreadHeap {
  heldBytes(): number;
  /** Collects all garbage, and gives back the room that it was in. */
  collect(): void;
}

/** Absent: this process was not started with `--expose-gc` (harness/lab); it keeps what it has. */
const OWN_HEAP: ThreadHeap | undefined = globalThis.gc && {
  heldBytes() {
    const { total_physical_size, external_memory } = getHeapStatistics();
    return total_physical_size + external_memory;
  },
  collect: () => globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' }),
};

/**
 * Makes what a thread is to call when it is without a task. By itself it collects only as it allocates, and would keep twice what it
 * needs until then.
 */
export function garbageCollector(heap: ThreadHeap | undefined = OWN_HEAP): () => void {
  if (heap === undefined) return () => undefined;
  let leftBytes = 0;
  return () => {
    if (heap.heldBytes() < leftBytes + WORTH_BYTES) return;
    heap.collect();
    leftBytes = heap.heldBytes();
  };
}
