/**
 * Pieces that are written once and read by many, each reader at its own pace. What all have read is forgotten; a reader that
 * comes later than the first piece would miss what came before.
 */

/** A piece, and the one after it. */
interface Link {
  readonly piece: Uint8Array;
  next: Link | undefined;
}

const NOTHING = new Uint8Array(0);

/** A reader that has taken so much lets others have their turn: what it does with it may take as long as to write it. */
const TURN_BYTES = 256 << 10;

/** A scroll. */
export class Scroll {
  readonly readers = new Set<ScrollReader>();
  /** Is called when a reader has taken a piece, or has gone. */
  readonly #read: () => void;
  #end: 'open' | 'finished' | Error = 'open';
  #last: Link = { piece: NOTHING, next: undefined };
  #bytes = 0;
  #grown = Promise.withResolvers<void>();

  constructor(read: () => void) {
    this.#read = read;
  }

  /** Bytes that have been written. */
  get bytes(): number {
    return this.#bytes;
  }

  append(piece: Uint8Array): void {
    const link: Link = { piece, next: undefined };
    this.#last.next = link;
    this.#last = link;
    this.#bytes += piece.length;
    this.#wake();
  }

  /** Nothing more is written; `error`: because it broke off. */
  finish(error?: Error): void {
    if (this.#end === 'open') this.#end = error ?? 'finished';
    this.#wake();
  }

  /** Reads from here on. */
  open(): ScrollReader {
    const reader = new ScrollReader(this, this.#last);
    this.readers.add(reader);
    return reader;
  }

  /** Whether more may come; an error: it broke off. */
  get end(): 'open' | 'finished' | Error {
    return this.#end;
  }

  /** Resolves when there is more, or never will be. */
  get grown(): Promise<void> {
    return this.#grown.promise;
  }

  /** Of a reader: it has taken a piece. */
  taken(): void {
    this.#read();
  }

  /** Of a reader: it is gone. */
  left(reader: ScrollReader): void {
    if (this.readers.delete(reader)) this.#read();
  }

  #wake(): void {
    const { resolve } = this.#grown;
    this.#grown = Promise.withResolvers();
    resolve();
  }
}

/** A reader. */
export class ScrollReader implements AsyncIterableIterator<Uint8Array> {
  readonly #scroll: Scroll;
  /** The piece that was read last. */
  #at: Link | 'gone' | Error;
  #bytes: number;
  /** Taken without a pause. */
  #atOnce = 0;

  /** Opened by {@link Scroll.open}. */
  constructor(scroll: Scroll, at: Link) {
    this.#scroll = scroll;
    this.#at = at;
    this.#bytes = scroll.bytes;
  }

  /** Bytes that wait for it. */
  get behind(): number {
    return this.#scroll.bytes - this.#bytes;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const at = this.#at;
      if (at instanceof Error) throw at;
      if (at === 'gone') return { done: true, value: undefined };
      if (this.#atOnce >= TURN_BYTES) {
        this.#atOnce = 0;
        await new Promise(setImmediate);
        continue;
      }
      if (at.next !== undefined) {
        this.#at = at.next;
        const { piece } = at.next;
        this.#bytes += piece.length;
        this.#atOnce += piece.length;
        this.#scroll.taken();
        return { done: false, value: piece };
      }
      const { end } = this.#scroll;
      if (end === 'finished') return this.return();
      if (end instanceof Error) this.#leave(end);
      else await this.#scroll.grown;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#leave('gone');
    return { done: true, value: undefined };
  }

  /** It may not read on: nothing is kept for it any more. */
  drop(reason: string): void {
    this.#leave(new Error(reason));
  }

  #leave(why: 'gone' | Error): void {
    if (this.#at === 'gone' || this.#at instanceof Error) return;
    this.#at = why;
    this.#scroll.left(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
