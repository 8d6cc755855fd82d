/**
 * The tasks of a framework that have ended, the latest only. They change no more, so that they are kept as they are told of: as
 * JSON, many together, outside of the heap. To keep and to tell of a hundred thousand costs next to nothing.
 */

/** Tasks that are kept of each framework, as in Apache Mesos. */
const TASKS_MAX = 1000;
/** So many of a framework may take more memory than this only if one does alone. */
const BYTES_MAX = 8 << 20;
/** Tasks and characters of a bundle. */
const BUNDLE_TASKS = 128;
const BUNDLE_LENGTH = 64 << 10;

const NO_TEXT = Buffer.alloc(0);

/** Tasks one after the other, a comma before each. */
interface Bundle {
  readonly text: Buffer;
  /** Where each of them ends. */
  readonly ends: Uint32Array;
  /** When each of them began, in seconds. */
  readonly started: Float64Array;
}

/** One task. */
export interface CompletedTask {
  /** ASCII. */
  readonly json: string;
  /** In seconds. */
  readonly started: number;
}

/** What has been completed up to now, and stays as it is. */
export interface CompletedSnapshot {
  readonly size: number;
  /** All as text, a comma before each, the first to end first. */
  pieces(): Iterable<Uint8Array>;
  [Symbol.iterator](): Iterator<CompletedTask>;
}

/** The tasks. */
export class CompletedTasks {
  #bundles: readonly Bundle[] = [];
  #bytes = 0;
  #open: CompletedTask[] = [];
  #openLength = 0;
  /** The same, as it was told of last. */
  #openText: Buffer | undefined;
  /** Of the first bundle, those that are not kept any more. */
  #skipped = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(task: CompletedTask): void {
    this.#open.push(task);
    this.#openLength += task.json.length;
    this.#openText = undefined;
    this.#size++;
    if (this.#open.length >= BUNDLE_TASKS || this.#openLength >= BUNDLE_LENGTH) this.#bind();
    while (this.#size > TASKS_MAX || (this.#bytes > BYTES_MAX && this.#size > 1)) this.#skip();
  }

  #bind(): void {
    const bundle = bundled(this.#open);
    this.#bundles = [...this.#bundles, bundle];
    this.#bytes += bundle.text.length;
    this.#open = [];
    this.#openLength = 0;
  }

  /** Keeps the oldest no more. */
  #skip(): void {
    const [first, ...rest] = this.#bundles;
    if (first === undefined) return;
    this.#size--;
    this.#skipped++;
    if (this.#skipped < first.ends.length) return;
    this.#bundles = rest;
    this.#bytes -= first.text.length;
    this.#skipped = 0;
  }

  snapshot(): CompletedSnapshot {
    const bundles = this.#bundles;
    const open = this.#open.slice();
    this.#openText ??= open.length === 0 ? NO_TEXT : bundled(open).text;
    const openText = this.#openText;
    const skipped = this.#skipped;
    return {
      size: this.#size,
      *pieces() {
        for (const [i, { text, ends }] of bundles.entries())
          yield i > 0 || skipped === 0 ? text : text.subarray(ends[skipped - 1]);
        if (open.length > 0) yield openText;
      },
      *[Symbol.iterator]() {
        for (const [i, bundle] of bundles.entries())
          for (let n = i === 0 ? skipped : 0; n < bundle.ends.length; n++) yield taskOf(bundle, n);
        yield* open;
      },
    };
  }
}

/** One of a bundle; its text is not made before it is asked for. */
function taskOf({ text, ends, started }: Bundle, n: number): CompletedTask {
  return {
    get json() {
      return text.toString('latin1', startOf(ends, n), ends[n]);
    },
    started: started[n] as number,
  };
}

/** After the comma. */
function startOf(ends: Uint32Array, n: number): number {
  return (n === 0 ? 0 : (ends[n - 1] as number)) + 1;
}

function bundled(tasks: readonly CompletedTask[]): Bundle {
  let end = 0;
  return {
    text: Buffer.from(tasks.map(({ json }) => `,${json}`).join(''), 'latin1'),
    ends: Uint32Array.from(tasks, ({ json }) => {
      end += json.length + 1;
      return end;
    }),
    started: Float64Array.from(tasks, ({ started }) => started),
  };
}
