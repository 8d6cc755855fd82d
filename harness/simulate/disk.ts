/** A machine's disk, in memory: keeps what a slave wants its next process to know. */
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import {
  type CheckpointRecord,
  resourcesIn,
  restore,
  type SlaveCheckpoint,
} from '../../mesos/slave/checkpoint.ts';

/** A disk. */
export class Disk implements SlaveCheckpoint {
  readonly #now: () => Millis;
  readonly #lagMs: Millis;
  readonly #kept: (kind: CheckpointRecord['kind']) => void;
  #records: { readonly atMs: Millis; readonly record: CheckpointRecord }[] = [];
  /** The machine was started anew since the slave's last process. */
  hasRebooted = false;

  /** `lagMs`: so late is a record really kept; 0 if it is an honest disk. `kept` is told of each. */
  constructor(now: () => Millis, lagMs: Millis, kept: (kind: CheckpointRecord['kind']) => void) {
    this.#now = now;
    this.#lagMs = lagMs;
    this.#kept = kept;
  }

  load(): ReturnType<SlaveCheckpoint['load']> {
    const recovered = restore(this.#records.map(({ record }) => record));
    if (recovered === undefined || !this.hasRebooted) return recovered;
    // No container has lived through that.
    return { ...recovered, executors: recovered.executors.map(({ state: _, ...executor }) => executor) };
  }

  resources(): ReturnType<SlaveCheckpoint['resources']> {
    return resourcesIn(this.#records.map(({ record }) => record));
  }

  append(record: CheckpointRecord): void {
    this.#records.push({ atMs: this.#now(), record });
    this.#kept(record.kind);
  }

  clear(names?: Resources): void {
    this.#records = [];
    if (names !== undefined) this.append({ kind: 'resources', resources: names });
  }

  /** The slave's process is gone: what had not been kept by then is lost. */
  crash(): void {
    if (this.#lagMs > 0)
      this.#records = this.#records.filter(({ atMs }) => atMs <= this.#now() - this.#lagMs);
  }
}
