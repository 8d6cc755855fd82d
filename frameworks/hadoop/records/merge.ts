/** Merging sorted runs: record by record, or folding the numbers that they hold of the same key. */
import { Groups } from './groups.ts';
import { compareKeys } from './keyOrder.ts';
import { readNumber } from './number.ts';
import type { Combine, RecordCursor, ValueOrder } from './record.ts';
import type { RunReader } from './runReader.ts';
import type { RunWriter } from './runWriter.ts';

/** Merges runs into one partition of another. The runs are sorted as a map's output is. */
export type RunMerger = (runs: readonly RunReader[], writer: RunWriter, partition: number) => void;

/** Takes a key and its number: `bytes[start, end)` is the key, valid during the call only. */
export type FoldedVisitor = (bytes: Uint8Array, start: number, end: number, value: number) => void;

/** Merges by folding: each key comes out once. */
export function foldingMerger(fold: (a: number, b: number) => number): RunMerger {
  return (runs, writer, partition) =>
    mergeFolded(runs, fold, (bytes, start, end, value) =>
      writer.writeNumber(partition, bytes, start, end, value),
    );
}

/** Merges by order alone, or by combining the values of each key too. */
export function recordMerger(order: ValueOrder, combine: Combine | undefined): RunMerger {
  return (runs, writer, partition) => {
    const merge = new Merge(runs, order);
    if (combine !== undefined) {
      writeCombined(merge, combine, writer, () => partition);
      return;
    }
    while (merge.next()) {
      const { buffer, keyStart, keyEnd, valueStart, valueEnd } = merge;
      writer.write(partition, buffer, keyStart, keyEnd, buffer, valueStart, valueEnd);
    }
  };
}

/** Writes what a program makes of the values of each key. `partitionOf` is asked while the cursor stands at the key's first record. */
export function writeCombined(
  cursor: RecordCursor,
  combine: Combine,
  writer: RunWriter,
  partitionOf: () => number,
): void {
  const groups = new Groups(cursor);
  while (groups.next()) {
    const { key, values } = groups;
    const partition = partitionOf();
    combine(values, (bytes, start, end) => writer.write(partition, key, 0, key.length, bytes, start, end));
  }
}

/**
 * Calls back for every key of these runs, in order, once each. The runs must be sorted, hold no key twice, and have numbers as values.
 */
export function mergeFolded(
  runs: readonly RunReader[],
  fold: (a: number, b: number) => number,
  visit: FoldedVisitor,
): void {
  const heap = new RunHeap('any');
  for (const run of runs) if (run.next()) heap.push(run);
  for (let run = heap.pop(); run !== undefined; run = heap.pop()) {
    let value = readNumber(run.buffer, run.valueStart, run.valueEnd);
    for (let other = heap.first; other !== undefined && compareRuns(other, run) === 0; other = heap.first) {
      value = fold(value, readNumber(other.buffer, other.valueStart, other.valueEnd));
      if (other.next()) heap.siftDown();
      else heap.pop();
    }
    visit(run.buffer, run.keyStart, run.keyEnd, value);
    // Mostly the run stays near the front: a run that is alone needs no heap.
    if (run.next()) heap.push(run);
  }
}

/** All records of some sorted runs, in order. */
export class Merge implements RecordCursor {
  buffer: Uint8Array = Buffer.alloc(0);
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  readonly #heap: RunHeap;
  #started = false;
  readonly #runs: readonly RunReader[];

  constructor(runs: readonly RunReader[], order: ValueOrder) {
    this.#runs = runs;
    this.#heap = new RunHeap(order);
  }

  next(): boolean {
    const heap = this.#heap;
    const last = heap.first;
    if (!this.#started) {
      this.#started = true;
      for (const run of this.#runs) if (run.next()) heap.push(run);
    } else if (last !== undefined) {
      if (last.next()) heap.siftDown();
      else heap.pop();
    }
    const run = heap.first;
    if (run === undefined) return false;
    this.buffer = run.buffer;
    this.keyStart = run.keyStart;
    this.keyEnd = run.keyEnd;
    this.valueStart = run.valueStart;
    this.valueEnd = run.valueEnd;
    return true;
  }
}

function compareRuns(a: RunReader, b: RunReader): number {
  if (a.prefix !== b.prefix) return a.prefix - b.prefix;
  return compareKeys(a.buffer, a.keyStart, a.keyEnd, b.buffer, b.keyStart, b.keyEnd);
}

function compareRecords(a: RunReader, b: RunReader): number {
  return (
    compareRuns(a, b) || compareKeys(a.buffer, a.valueStart, a.valueEnd, b.buffer, b.valueStart, b.valueEnd)
  );
}

/** A binary heap, least record first. */
class RunHeap {
  readonly #runs: RunReader[] = [];
  readonly #compare: (a: RunReader, b: RunReader) => number;

  constructor(order: ValueOrder) {
    this.#compare = order === 'any' ? compareRuns : compareRecords;
  }

  get first(): RunReader | undefined {
    return this.#runs[0];
  }

  push(run: RunReader): void {
    const heap = this.#runs;
    let place = heap.length;
    heap.push(run);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as RunReader;
      if (this.#compare(above, run) <= 0) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = run;
  }

  pop(): RunReader | undefined {
    const heap = this.#runs;
    const least = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.siftDown();
    }
    return least;
  }

  /** Puts the first of the heap where it belongs. */
  siftDown(): void {
    const heap = this.#runs;
    const run = heap[0] as RunReader;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        this.#compare(heap[child + 1] as RunReader, heap[child] as RunReader) < 0
      )
        child += 1;
      const below = heap[child] as RunReader;
      if (this.#compare(run, below) <= 0) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = run;
  }
}
