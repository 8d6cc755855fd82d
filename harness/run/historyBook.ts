/** What is kept of a history in virtual time: the whole of it with its hash, or the hash alone. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { openHistoryFile } from '../../mesos/runtime/historyFile.ts';
import { lineBytes } from '../../mesos/runtime/lineBytes.ts';
import { makeFolder } from '../folder.ts';

/** Name of the history in the folder of a cell. */
export const HISTORY = 'history.ndjson';

/** Takes a history. */
export interface HistoryBook {
  append(line: HistoryLine): void;
  /** The SHA-256 of the file, in hexadecimal. Rejects with what went wrong on the way. */
  close(): Promise<string>;
}

/** Keeps it in a folder, in place of the one that was there. */
export function historyBook(folder: string): HistoryBook {
  const path = join(folder, HISTORY);
  rmSync(path, { force: true });
  makeFolder(folder);
  let trouble: Error | undefined;
  const hash = createHash('sha256');
  const file = openHistoryFile(path, {
    onWritten: (bytes) => void hash.update(bytes),
    onError: (error) => {
      trouble = error;
    },
  });
  return {
    append: (line) => file.append(line),
    async close() {
      await file.close();
      if (trouble !== undefined) throw trouble;
      return hash.digest('hex');
    },
  };
}

/** Keeps nothing, and has the hash of the file that it would be: by it two versions are held against each other. */
export function historyHash(): HistoryBook {
  const hash = createHash('sha256');
  const lines = lineBytes((bytes) => void hash.update(bytes));
  return {
    append: (line) => lines.append(line),
    async close() {
      lines.flush();
      return hash.digest('hex');
    },
  };
}
