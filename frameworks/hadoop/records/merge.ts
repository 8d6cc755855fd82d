/** Merging sorted runs, and folding what they hold of the same key. */
import { compareKeys } from './keyOrder.ts';
import type { RunReader } from './runReader.ts';

/** Takes a record: `bytes[start, end)` is the key, valid during the call only. */
export type MergedVisitor = (bytes: Uint8Array, start: number, end: number, value: number) => void;

/**
 * Calls back for every key of these runs, in order, once each. The runs must be sorted and hold no key twice.
 */
export function mergeRuns(
  runs: readonly RunReader[],
  fold: (a: number, b: number) => number,
  visit: MergedVisitor,
): void {
  // A binary heap, least key first.
  const heap: RunReader[] = [];
  for (const run of runs) if (run.next()) push(heap, run);
  for (let run = pop(heap); run !== undefined; run = pop(heap)) {
    let value = run.value;
    for (let other = heap[0]; other !== undefined && compare(other, run) === 0; other = heap[0]) {
      value = fold(value, other.value);
      if (other.next()) siftDown(heap);
      else pop(heap);
    }
    visit(run.buffer, run.keyStart, run.keyEnd, value);
    // Mostly the run stays near the front: a run that is alone needs no heap.
    if (run.next()) push(heap, run);
  }
}

function compare(a: RunReader, b: RunReader): number {
  if (a.prefix !== b.prefix) return a.prefix - b.prefix;
  return compareKeys(a.buffer, a.keyStart, a.keyEnd, b.buffer, b.keyStart, b.keyEnd);
}

function push(heap: RunReader[], run: RunReader): void {
  let place = heap.length;
  heap.push(run);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] as RunReader;
    if (compare(above, run) <= 0) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = run;
}

function pop(heap: RunReader[]): RunReader | undefined {
  const least = heap[0];
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) {
    heap[0] = last;
    siftDown(heap);
  }
  return least;
}

/** Puts the first of the heap where it belongs. */
function siftDown(heap: RunReader[]): void {
  const run = heap[0] as RunReader;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && compare(heap[child + 1] as RunReader, heap[child] as RunReader) < 0)
      child += 1;
    const below = heap[child] as RunReader;
    if (compare(run, below) <= 0) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = run;
}
