/** The file of records: NDJSON that only grows. What a crash leaves of a last line is passed over, and said. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../folder.ts';
import { type MetricRecord, readRecord } from './metricRecord.ts';

/** What a file holds. */
export interface Records {
  readonly records: readonly MetricRecord[];
  /** Lines that could not be read, in sentences. */
  readonly damaged: readonly string[];
}

/** Reads a file; an empty list if there is none. Throws what the file system throws. */
export function readRecords(path: string): Records {
  if (!existsSync(path)) return { records: [], damaged: [] };
  const records: MetricRecord[] = [];
  const damaged: string[] = [];
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      records.push(readRecord(line));
    } catch (error) {
      damaged.push(`${path}, line ${index + 1}: ${(error as Error).message}`);
    }
  }
  return { records, damaged };
}

/**
 * Appends records, all by one write: others may append at the same time. Begins on a new line also where a crash has left half of
 * one. Throws what the file system throws.
 */
export function appendRecords(path: string, records: readonly MetricRecord[]): void {
  makeFolder(dirname(path));
  const file = openSync(path, 'a+', 0o644);
  try {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    writeSync(file, endsInLine(file) ? lines : `\n${lines}`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function endsInLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() === '\n';
}
