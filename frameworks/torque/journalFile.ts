/**
 * A queue server's journal on disk: NDJSON, a header and then a record a line. What was appended is on the disk when `append`
 * returns. A last line that was cut short is left out: its `append` never returned. Two servers never have the same journal.
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { lockJournal, unwritable } from '../journalLock.ts';
import { compacted, type Journal, type JournalRecord, JournalRecordSchema, replay } from './journal.ts';

/** What a journal on disk is told. */
export interface FileJournalOptions {
  readonly path: string;
  /** Of jobs that have ended, so many are kept: the last. */
  readonly endedMax: number;
  /** Is told, in one sentence, that records cannot be kept any more. */
  readonly onError: (error: Error) => void;
  /** The file is written anew when it has grown to this, and to four times what it had to hold before; default 16 MiB. */
  readonly compactBytesMin?: number;
}

/** A journal on disk. */
export interface FileJournal extends Journal {
  close(): void;
}

/** Of the format. */
const HEADER = { kind: 'torque-journal', version: 1 } as const;
const HeaderSchema = v.object({ kind: v.literal(HEADER.kind), version: v.literal(HEADER.version) });
const COMPACT_BYTES_MIN = 1 << 24;

/** Opens a journal, and writes it anew, without what is not needed any more. Throws, in one sentence, if that fails. */
export function openJournal(options: FileJournalOptions): FileJournal {
  const { path, endedMax, onError, compactBytesMin = COMPACT_BYTES_MIN } = options;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw unreadable(path, 'it is no file');
  const lock = lockJournal(path);
  let file: number | undefined;
  let bytes = 0;
  let compactAtBytes = compactBytesMin;

  /** Puts records at the end of a file, and on the disk. Returns their bytes. */
  function put(into: number | undefined, records: Iterable<object>): number {
    const text = Buffer.from(Array.from(records, (record) => `${JSON.stringify(record)}\n`).join(''), 'utf8');
    if (into === undefined) throw new Error('it is closed');
    for (let written = 0; written < text.length; ) written += writeSync(into, text, written);
    fdatasyncSync(into);
    return text.length;
  }

  /** Writes the file anew; it is the old one or the new one at any time. */
  function write(records: Iterable<JournalRecord>): void {
    const anew = openSync(`${path}.new`, 'w', 0o600);
    try {
      bytes = put(anew, [HEADER, ...records]);
      renameSync(`${path}.new`, path);
    } catch (error) {
      closeSync(anew);
      throw error;
    }
    if (file !== undefined) closeSync(file);
    file = anew;
    syncFolder(dirname(path));
    compactAtBytes = Math.max(compactBytesMin, 4 * bytes);
  }

  const compact = (records: readonly JournalRecord[]): readonly JournalRecord[] => [
    ...compacted(replay(records), endedMax),
  ];
  let kept: readonly JournalRecord[];
  try {
    kept = compact(read(path));
    write(kept);
  } catch (error) {
    closeSync(lock);
    throw error instanceof UnreadableError ? error : unwritable(path, error);
  }
  return {
    load: () => kept,
    append(...records) {
      try {
        bytes += put(file, records);
        if (bytes >= compactAtBytes) write(compact(read(path)));
      } catch (error) {
        const failure = unwritable(path, error);
        onError(failure);
        throw failure;
      }
    },
    close() {
      if (file === undefined) return;
      closeSync(file);
      closeSync(lock);
      file = undefined;
    },
  };
}

/** What is in the file; nothing if there is none. */
function read(path: string): readonly JournalRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(path, (error as Error).message);
  }
  // What comes after the last line end was cut short.
  const values = text
    .split('\n')
    .slice(0, -1)
    .map((line, n): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        throw unreadable(path, `line ${n + 1} is no JSON`);
      }
    });
  if (values.length === 0) return [];
  if (!v.is(HeaderSchema, values[0]))
    throw unreadable(path, 'it does not begin like a journal of this version');
  return values.slice(1).map((value, n) => {
    const record = v.safeParse(JournalRecordSchema, value);
    if (record.success) return record.output as JournalRecord;
    throw unreadable(path, `line ${n + 2} is no record: ${record.issues[0].message}`);
  });
}

/** So that the new name, too, outlives the machine. */
function syncFolder(folder: string): void {
  const entry = openSync(folder, 'r');
  try {
    fsyncSync(entry);
  } finally {
    closeSync(entry);
  }
}

class UnreadableError extends Error {}

function unreadable(path: string, why: string): Error {
  return new UnreadableError(
    `the journal ${path} cannot be read: ${why}; name another file to begin with an empty queue`,
  );
}
