/**
 * A slave's checkpoint on disk: NDJSON in `WORK_DIR/meta/slave.ndjson`, a header and then a record a line.
 *
 * A record is with the operating system when `append` returns, so that it outlives the slave's process however that ends. It
 * need not be on the disk: if the machine goes down, the executors are gone too, and what the disk does not have of the tasks
 * the master asks for when the slave registers again. Only a file that was written anew is forced to the disk before it takes
 * the place of the old one. A last line that was cut short is left out.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Resources } from '../protocol/resources.ts';
import {
  type CheckpointRecord,
  CheckpointRecordSchema,
  type Recovered,
  recordsOf,
  resourcesIn,
  restore,
  type SlaveCheckpoint,
} from './checkpoint.ts';

/** What a file checkpoint can be told. */
export interface FileCheckpointOptions {
  /** The slave's work folder. */
  readonly workDir: string;
  /** Is told, in one sentence, that records cannot be kept any more. It ends the process: nothing may go on without them. */
  readonly onError: (error: Error) => never;
  /** What tells one start of this machine from the next; default: what Linux says. */
  readonly bootId?: string;
  /** The file is written anew when it has grown to this, and to four times what it had to hold before; default 16 MiB. */
  readonly compactBytesMin?: number;
}

/** Of the format. */
const VERSION = 1;
const COMPACT_BYTES_MIN = 1 << 24;
const HeaderSchema = v.object({
  kind: v.literal('checkpoint'),
  version: v.literal(VERSION),
  bootId: v.string(),
});

/** Where the checkpoint of a slave with this work folder is. */
export function checkpointPath(workDir: string): string {
  return join(workDir, 'meta', 'slave.ndjson');
}

/**
 * Opens the checkpoint in a work folder. Throws, in one sentence, if what is there cannot be read or written. If the machine was
 * started anew since, no container can be found again.
 */
export function openCheckpoint(options: FileCheckpointOptions): SlaveCheckpoint {
  return new FileCheckpoint(options);
}

class FileCheckpoint implements SlaveCheckpoint {
  readonly #options: FileCheckpointOptions;
  readonly #path: string;
  readonly #bootId: string;
  #descriptor: number | undefined;
  #bytes = 0;
  #compactAtBytes: number;
  #recovered: Recovered | undefined;
  readonly #resources: Resources | undefined;
  /** Frameworks that the slave has written of and the file, since it was written anew, does not have: they had nothing here. */
  readonly #left = new Map<string, CheckpointRecord>();

  constructor(options: FileCheckpointOptions) {
    this.#options = options;
    this.#path = checkpointPath(options.workDir);
    this.#bootId = options.bootId ?? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    this.#compactAtBytes = options.compactBytesMin ?? COMPACT_BYTES_MIN;
    const kept = this.#read();
    this.#resources = kept && resourcesIn(kept.records);
    const recovered = kept && restore(kept.records);
    if (recovered === undefined) return;
    this.#recovered = kept?.bootId === this.#bootId ? recovered : withoutContainers(recovered);
    try {
      this.#write(recordsOf(this.#recovered));
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  load(): Recovered | undefined {
    return this.#recovered;
  }

  resources(): Resources | undefined {
    return this.#resources;
  }

  append(record: CheckpointRecord): void {
    try {
      this.#open();
      // The slave knows of a framework that it has written of, and does not do so again.
      if (this.#left.size > 0 && (record.kind === 'task' || record.kind === 'executor')) {
        const framework = this.#left.get(record.frameworkId);
        if (framework !== undefined) this.#put(`${JSON.stringify(framework)}\n`);
        this.#left.delete(record.frameworkId);
      }
      this.#put(`${JSON.stringify(record)}\n`);
      if (this.#bytes >= this.#compactAtBytes) this.#compact();
    } catch (error) {
      this.#options.onError(this.#unwritable(error));
    }
  }

  clear(names?: Resources): void {
    this.#close();
    if (names === undefined) return rmSync(this.#path, { force: true });
    try {
      this.#write([{ kind: 'resources', resources: names }]);
    } catch (error) {
      this.#options.onError(this.#unwritable(error));
    }
  }

  /** What is in the file; undefined if there is none. */
  #read(): { readonly bootId: string; readonly records: readonly CheckpointRecord[] } | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#unreadable((error as Error).message);
    }
    // What comes after the last line end was cut short.
    const lines = text.split('\n').slice(0, -1);
    if (lines.length === 0) return undefined;
    const values = lines.map((line, n): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        throw this.#unreadable(`line ${n + 1} is no JSON`);
      }
    });
    const header = v.safeParse(HeaderSchema, values[0]);
    if (!header.success) throw this.#unreadable('it does not begin like a checkpoint of this version');
    const records = values.slice(1).map((value, n) => {
      const record = v.safeParse(CheckpointRecordSchema, value);
      if (record.success) return record.output as CheckpointRecord;
      throw this.#unreadable(`line ${n + 2} is no record: ${record.issues[0].message}`);
    });
    return { bootId: header.output.bootId, records };
  }

  #unreadable(why: string): Error {
    return new Error(
      `the slave's checkpoint ${this.#path} cannot be read: ${why}; remove the file to start as a new slave`,
    );
  }

  #unwritable(error: unknown): Error {
    const { message } = error as Error;
    return new Error(
      `the slave's checkpoint ${this.#path} cannot be written: ${message}; free some space or choose another work folder`,
      { cause: error },
    );
  }

  #compact(): void {
    const kept = this.#read();
    const recovered = kept && restore(kept.records);
    if (kept === undefined || recovered === undefined) return;
    for (const record of kept.records)
      if (record.kind === 'framework' && record.frameworkInfo.id !== undefined)
        this.#left.set(record.frameworkInfo.id, record);
    for (const { id } of recovered.frameworks) if (id !== undefined) this.#left.delete(id);
    this.#write(recordsOf(recovered));
    this.#compactAtBytes = Math.max(this.#compactAtBytes, 4 * this.#bytes);
  }

  /** Writes the file anew; it is the old one or the new one at any time. */
  #write(records: Iterable<CheckpointRecord>): void {
    this.#close();
    const path = `${this.#path}.new`;
    this.#create(path);
    for (const record of records) this.#put(`${JSON.stringify(record)}\n`);
    if (this.#descriptor !== undefined) fdatasyncSync(this.#descriptor);
    renameSync(path, this.#path);
  }

  #open(): void {
    if (this.#descriptor === undefined) this.#create(this.#path);
  }

  #create(path: string): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(path, 'w', 0o600);
    this.#bytes = 0;
    this.#put(`${JSON.stringify({ kind: 'checkpoint', version: VERSION, bootId: this.#bootId })}\n`);
  }

  #put(line: string): void {
    if (this.#descriptor === undefined) return;
    const bytes = Buffer.from(line, 'utf8');
    for (let written = 0; written < bytes.length; )
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written);
    this.#bytes += bytes.length;
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** What is left when the machine was started anew. */
function withoutContainers(recovered: Recovered): Recovered {
  const executors = recovered.executors.map(({ state: _gone, ...executor }) => executor);
  return { ...recovered, executors };
}
