/** One copy of an answer as it is written, for all who asked for it in time; compressed for those who want that. */
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { Scroll, type ScrollReader } from './scroll.ts';
import { type Production, Sheet } from './sheet.ts';

/** Whether the pieces are compressed. */
export type Packing = 'plain' | 'gzip';

/** An edition. */
export class Edition {
  readonly key: string;
  readonly #production: Production;
  readonly #sheet = new Sheet();
  readonly #plain: Scroll;
  readonly #read: () => void;
  #packed: Scroll | undefined;
  #steps: Generator<void, void> | undefined;
  #isWritten = false;

  /** `read` is called when a reader has taken a piece, or has gone. */
  constructor(key: string, production: Production, read: () => void) {
    this.key = key;
    this.#production = production;
    this.#read = read;
    this.#plain = new Scroll(read);
  }

  /** A reader of all of it; to be opened before it is written. */
  open(packing: Packing): ScrollReader {
    if (packing === 'plain') return this.#plain.open();
    this.#packed ??= this.#pack();
    return this.#packed.open();
  }

  /** There is nothing more to write. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  *readers(): Iterable<ScrollReader> {
    yield* this.#plain.readers;
    if (this.#packed !== undefined) yield* this.#packed.readers;
  }

  /** Bytes that wait for even the fastest of its readers. */
  get ahead(): number {
    return Math.max(waitingForAll(this.#plain), this.#packed === undefined ? 0 : waitingForAll(this.#packed));
  }

  /** Bytes that are kept. */
  get waiting(): number {
    let plain = 0;
    for (const { behind } of this.#plain.readers) plain = Math.max(plain, behind);
    let packed = 0;
    for (const { behind } of this.#packed?.readers ?? []) packed = Math.max(packed, behind);
    return plain + packed;
  }

  /** Nobody reads it, now or later. */
  get isForgotten(): boolean {
    return this.#plain.readers.size === 0 && (this.#packed?.readers.size ?? 0) === 0;
  }

  /** Writes until the production pauses. */
  write(): void {
    try {
      this.#steps ??= this.#production(this.#sheet);
      this.#isWritten = this.isForgotten || this.#steps.next().done === true;
      for (const piece of this.#sheet.take()) this.#plain.append(piece);
      if (!this.#isWritten) return;
      this.#plain.finish();
      this.#steps.return();
    } catch (error) {
      this.#isWritten = true;
      this.#plain.finish(error as Error);
    }
  }

  #pack(): Scroll {
    const given = this.#plain.open();
    const abandoned = new AbortController();
    const packed = new Scroll(() => {
      if (packed.readers.size === 0) abandoned.abort();
      this.#read();
    });
    const take = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const piece of source) packed.append(piece);
    };
    const { signal } = abandoned;
    pipeline(given, createGzip({ level: constants.Z_BEST_SPEED }), take, { signal }).then(
      () => packed.finish(),
      (error: Error) => packed.finish(error),
    );
    return packed;
  }
}

function waitingForAll({ readers }: Scroll): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { behind } of readers) least = Math.min(least, behind);
  return readers.size === 0 ? 0 : least;
}
