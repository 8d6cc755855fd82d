/** The history on disk: NDJSON, one event a line. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { HistoryLine } from '../protocol/history.ts';
import { type LineBytes, lineBytes } from './lineBytes.ts';

/** Takes the lines of a history. */
export interface HistorySink {
  append(line: HistoryLine): void;
  /** Writes what is still held; nothing may be appended afterwards. */
  close(): Promise<void>;
}

/** What to do about a history that cannot be written. */
export interface HistoryFileOptions {
  /** Sees all that is written, in order; the bytes are others when it has returned. */
  readonly onWritten?: (bytes: Uint8Array) => void;
  /** Is told once, in one sentence; what is appended from then on is lost. */
  readonly onError: (error: Error) => void;
}

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: "the user's disk quota is used up; free some space",
  EACCES: 'permission denied; choose a file that this user may write',
  ENOENT: 'its folder does not exist; create it',
  EISDIR: 'it is a folder; name a file',
  EROFS: 'the file system is read-only; choose another',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
};

/**
 * Appends a history to a file, which is created if need be; what it holds already stays.
 *
 * Lines go to the operating system at the end of the turn that recorded them, in one write, so that a process that is
 * killed loses at most the turn it was in. The write is synchronous: it bounds what is held, and to a page cache it is
 * cheaper than the way through a thread. Never throws.
 */
export function openHistoryFile(path: string, options: HistoryFileOptions): HistorySink {
  return new HistoryFile(path, options);
}

class HistoryFile implements HistorySink {
  readonly #path: string;
  readonly #options: HistoryFileOptions;
  /** Undefined when it is closed or has failed. */
  #descriptor: number | undefined;
  readonly #lines: LineBytes = lineBytes((bytes) => this.#put(bytes));
  #scheduled: NodeJS.Immediate | undefined;

  constructor(path: string, options: HistoryFileOptions) {
    this.#path = path;
    this.#options = options;
    try {
      this.#descriptor = openSync(path, 'a');
    } catch (error) {
      this.#fail(error);
    }
  }

  append(line: HistoryLine): void {
    if (this.#descriptor === undefined) return;
    this.#lines.append(line);
    this.#scheduled ??= setImmediate(this.#write);
  }

  async close(): Promise<void> {
    this.#write();
    this.#release();
  }

  readonly #write = (): void => {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#lines.flush();
  };

  #put(bytes: Uint8Array): void {
    if (this.#descriptor === undefined) return;
    try {
      for (let written = 0; written < bytes.length; )
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written);
    } catch (error) {
      return this.#fail(error);
    }
    this.#options.onWritten?.(bytes);
  }

  #fail(error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    this.#release();
    this.#options.onError(
      new Error(
        `cannot write the history to ${this.#path}: ${WHY[code] ?? code}, and run again; events from now on are lost`,
        { cause: error },
      ),
    );
  }

  #release(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      closeSync(descriptor);
    } catch {
      // Nothing is held any more; what the operating system says now changes nothing.
    }
  }
}
