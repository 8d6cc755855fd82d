/**
 * The tasks of a framework that are in the books, as JSON, many on a page. A page is written when somebody asks for it, and stays
 * as long as none of its tasks changes: who asks often is told mostly of tasks of which he has been told before.
 */
import { type TaskRecord, taskJson } from './taskRecord.ts';

/** Tasks on a page. */
const TASKS_MAX = 128;
/** A page with fewer is given up. */
const TASKS_MIN = 32;

/** A page. */
interface Page {
  readonly records: Set<TaskRecord>;
  /** A comma before each task; undefined: not written, or not true any more. */
  text: Buffer | undefined;
  /** Counts changes. */
  changes: number;
}

/** A page as it was at one moment. */
interface PageSnapshot {
  readonly page: Page;
  readonly text: Buffer | undefined;
  /** What is to be written, if nothing is. */
  readonly records: readonly TaskRecord[];
  readonly changes: number;
}

/** The pages. */
export class TaskPages {
  readonly #common: string;
  readonly #pages = new Set<Page>();
  readonly #pageOf = new Map<TaskRecord, Page>();
  /** There is room on it. */
  #open: Page | undefined;

  /** `common`: what all tasks have in common. */
  constructor(common: string) {
    this.#common = common;
  }

  add(record: TaskRecord): void {
    let page = this.#open;
    if (page === undefined || page.records.size >= TASKS_MAX) {
      page = { records: new Set(), text: undefined, changes: 0 };
      this.#pages.add(page);
      this.#open = page;
    }
    page.records.add(record);
    this.#pageOf.set(record, page);
    touch(page);
  }

  /** The task is not what it was. */
  changed(record: TaskRecord): void {
    const page = this.#pageOf.get(record);
    if (page !== undefined) touch(page);
  }

  remove(record: TaskRecord): void {
    const page = this.#pageOf.get(record);
    if (page === undefined) return;
    page.records.delete(record);
    this.#pageOf.delete(record);
    touch(page);
    if (page === this.#open || page.records.size >= TASKS_MIN) return;
    this.#pages.delete(page);
    for (const other of page.records) this.add(other);
  }

  /** All tasks of this moment, as text, a comma before each of them. Those that change before they are written are as they are then. */
  snapshot(): Iterable<Uint8Array> {
    const common = this.#common;
    const pages: readonly PageSnapshot[] = Array.from(this.#pages, (page) => ({
      page,
      text: page.text,
      records: page.text === undefined ? [...page.records] : [],
      changes: page.changes,
    }));
    return {
      *[Symbol.iterator]() {
        for (const snapshot of pages) yield textOf(snapshot, common);
      },
    };
  }
}

function touch(page: Page): void {
  page.text = undefined;
  page.changes++;
}

function textOf({ page, text, records, changes }: PageSnapshot, common: string): Uint8Array {
  if (text !== undefined) return text;
  const written = Buffer.from(records.map((record) => `,${taskJson(record, common)}`).join(''), 'latin1');
  if (page.changes === changes) page.text = written;
  return written;
}
