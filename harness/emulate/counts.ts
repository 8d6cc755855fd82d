/** Counts the events that a process records, instead of writing them down. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Counts, Mark, MarkReport } from './peerConfig.ts';

/** The counts of one process. */
export class EventCounts {
  readonly #counts = new Map<string, number>();
  readonly #marks = new Map<string, Set<number>>();

  constructor(marks: readonly Mark[] = []) {
    for (const { event, count } of marks) {
      const own = this.#marks.get(event) ?? new Set();
      this.#marks.set(event, own.add(count));
    }
  }

  /** Counts an event. Returns the mark that it reaches, if it does. */
  count(line: HistoryLine): MarkReport | undefined {
    const event = line.event === 'task-updated' ? `task-updated/${line.state}` : line.event;
    const count = (this.#counts.get(event) ?? 0) + 1;
    this.#counts.set(event, count);
    return this.#marks.get(event)?.has(count) ? { event, count, atMs: line.t } : undefined;
  }

  get all(): Counts {
    return Object.fromEntries(this.#counts);
  }
}
