/**
 * What a program of a job is: functions on bytes, the same in a TaskTracker and in the single-process
 * reference.
 *
 * Records are lines; keys are bytes; values are whole numbers. Bytes are not turned into strings on the way:
 * that would cost more than all the rest.
 */

/** Receives what a map emits. */
export interface Collector {
  /** Takes the key `bytes[start, end)`, by copy, with a value: a whole number of at least 0. */
  emit(bytes: Uint8Array, start: number, end: number, value: number): void;
}

/** Receives the output of a map-only job, in order. */
export interface Output {
  /** Takes `bytes[start, end)`, by copy. */
  write(bytes: Uint8Array, start: number, end: number): void;
}

/** A program whose maps emit records, which are combined, shuffled and reduced by key. */
export interface KeyedProgram {
  readonly shape: 'keyed';
  /** Maps the lines in `bytes[start, end)`, each with its newline. It may overwrite them. */
  map(bytes: Uint8Array, start: number, end: number, collector: Collector): void;
  /** Joins two values of one key, in any order and grouping: it both combines and reduces. */
  fold(a: number, b: number): number;
}

/** A program whose maps write the output themselves. */
export interface ScanProgram {
  readonly shape: 'scan';
  /** Scans the lines in `bytes[start, end)`, each with its newline. */
  scan(bytes: Buffer, start: number, end: number, output: Output): void;
}
