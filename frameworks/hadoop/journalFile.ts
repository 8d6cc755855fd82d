/**
 * A JobTracker's journal on disk: NDJSON, a record a line. Whoever is killed in the middle of a line loses that line. Jobs are on the
 * disk when they have been taken; of finished tasks the machine may lose the last ones if it loses power, and they run again. Two
 * JobTrackers never have the same journal.
 */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import * as v from 'valibot';
import { lockJournal, unwritable } from '../journalLock.ts';
import { type Journal, type JournalRecord, JournalRecordSchema } from './journal.ts';

/** A journal on disk. */
export interface JournalFile extends Journal {
  readonly of: 'hadoop';
  close(): void;
}

const NEWLINE = 10;

/** Opens a journal, or begins one. Throws, in one sentence, if that fails; `onError` is told, in one sentence, that it fails later. */
export function openJournalFile(path: string, onError: (error: Error) => void): JournalFile {
  const records: JournalRecord[] = [];
  const lock = lockJournal(path);
  let file: number;
  try {
    file = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(path);
    // What comes after the last line end was cut short.
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole < bytes.length) ftruncateSync(file, whole);
    for (const [n, line] of bytes.toString('utf8', 0, whole).split('\n').slice(0, -1).entries())
      records.push(readRecord(line, `line ${n + 1}`));
  } catch (error) {
    closeSync(lock);
    const { message } = error as Error;
    throw new Error(`the journal ${path} cannot be read: ${message}; name another file to begin anew`);
  }
  return {
    of: 'hadoop',
    load: () => records,
    append(record) {
      try {
        const line = Buffer.from(`${JSON.stringify(record)}\n`);
        for (let written = 0; written < line.length; ) written += writeSync(file, line, written);
        if (record.kind !== 'task-finished') fdatasyncSync(file);
      } catch (error) {
        onError(unwritable(path, error));
      }
    },
    close() {
      closeSync(file);
      closeSync(lock);
    },
  };
}

function readRecord(line: string, where: string): JournalRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${where} is no JSON`);
  }
  const result = v.safeParse(JournalRecordSchema, value);
  if (!result.success) throw new Error(`${where} is no record of a JobTracker`);
  return result.output;
}
