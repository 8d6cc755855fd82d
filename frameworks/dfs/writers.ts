/** Who writes files at the moment: when each was heard of, and which blocks it was given space for. Soft state of a namenode. */
import type { Clock, Millis } from '../../mesos/driver/actor.ts';

/** The writers, by the names that they made up. */
export class Writers {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #heardMs = new Map<string, Millis>();
  /** Ids of blocks that may come, and from whom. */
  readonly #pending = new Map<string, string>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** A writer lives. */
  hear(writer: string): void {
    this.#heardMs.set(writer, this.#clock.now());
  }

  /** Those that were not heard of since. */
  silent(sinceMs: Millis): readonly string[] {
    return [...this.#heardMs].flatMap(([writer, heardMs]) => (heardMs < sinceMs ? [writer] : []));
  }

  /** Nobody could be heard for so long. */
  forgive(ms: Millis): void {
    for (const [writer, heardMs] of this.#heardMs)
      this.#heardMs.set(writer, Math.min(this.#clock.now(), heardMs + ms));
  }

  /** A writer is done, or given up, and its blocks that have not come will not. */
  forget(writer: string): void {
    this.#heardMs.delete(writer);
    for (const [id, owner] of this.#pending) if (owner === writer) this.#pending.delete(id);
  }

  /** A block may come from a writer. */
  expect(id: string, writer: string): void {
    this.#pending.set(id, writer);
  }

  /** May a block come, from this writer or from any? */
  expects(id: string, writer?: string): boolean {
    const owner = this.#pending.get(id);
    return owner !== undefined && (writer === undefined || owner === writer);
  }

  /** A block has come. */
  came(id: string): void {
    this.#pending.delete(id);
  }
}
