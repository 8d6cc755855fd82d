/**
 * What a program of a job is: functions on bytes, the same in a TaskTracker and in the single-process
 * reference.
 *
 * Maps are given lines. There are three shapes of programs: those whose maps write the output, those whose maps emit numbers by key,
 * which are folded into one, and those whose maps emit records, keys and values being any bytes. Bytes are not turned into strings on
 * the way unless a program does it: that would often cost more than all the rest.
 */
import type { Combine, Partitioner, ValueOrder, Values } from '../records/record.ts';

/** What a task of a program finds when it starts. */
export interface TaskSetting {
  /** Its number among the maps, or the reduces, of its job. */
  readonly index: number;
  /** Of a map: the tag of its input, if that has one. */
  readonly tag: string | undefined;
  /** The job's side files, by name: small files that every task gets. */
  readonly side: ReadonlyMap<string, Buffer>;
  /** Adds to one of the program's counters, default 1. What tasks count that fail in the end is forgotten. */
  count(name: string, by?: number): void;
}

/** Receives keys with numbers. */
export interface NumberCollector {
  /** Takes the key `bytes[start, end)`, by copy, with a value: a whole number from 0 to 2^53 - 1. */
  emit(bytes: Uint8Array, start: number, end: number, value: number): void;
}

/** Receives records. */
export interface RecordCollector {
  /** Takes the key `key[keyStart, keyEnd)` with the value `value[valueStart, valueEnd)`, by copy. */
  emit(
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void;
}

/** Receives a part of a job's output, in order. */
export interface Output {
  /** Takes `bytes[start, end)`, by copy. Lines end with a newline. */
  write(bytes: Uint8Array, start: number, end: number): void;
}

/** One map at work. */
export interface Mapper<Into> {
  /** Maps the lines in `bytes[start, end)`, each with its newline. It may overwrite them. */
  map(bytes: Buffer, start: number, end: number, into: Into): void;
  /** All lines have been given. */
  finish?(into: Into): void;
}

/** One reduce at work. */
export interface Reducer {
  /** Takes a key with all of its values, which come one by one: a reduce need not hold them. */
  reduce(key: Buffer, values: Values, output: Output): void;
  /** All keys have been given. */
  finish?(output: Output): void;
}

/** A program whose maps emit numbers by key: the numbers of a key are folded into one wherever they meet. */
export interface FoldProgram {
  readonly shape: 'fold';
  startMap(setting: TaskSetting): Mapper<NumberCollector>;
  /** Joins two values of one key, in any order and grouping: it both combines and reduces. */
  fold(a: number, b: number): number;
  /** Default: by hash. */
  readonly partition?: Partitioner;
  /** How a value stands in the output; default: in decimal. At most {@link VALUE_CHARACTERS_MAX} ASCII characters. */
  readonly format?: (value: number) => string;
}

/** A program whose maps emit records. */
export interface RecordProgram {
  readonly shape: 'records';
  startMap(setting: TaskSetting): Mapper<RecordCollector>;
  /** Makes fewer values of those of a key that one map has emitted, before they travel. With an order of values: in that order. */
  readonly combine?: Combine;
  /** Default: by hash. */
  readonly partition?: Partitioner;
  /** Default: any. */
  readonly valueOrder?: ValueOrder;
  startReduce(setting: TaskSetting): Reducer;
}

/** A program whose maps write the output themselves. */
export interface ScanProgram {
  readonly shape: 'scan';
  startMap(setting: TaskSetting): Mapper<Output>;
}

/** The code of a program. */
export type ProgramCode = FoldProgram | RecordProgram | ScanProgram;

/** See {@link FoldProgram.format}. */
export const VALUE_CHARACTERS_MAX = 40;
