/** Sorted records by key: each key once, with its values as they come. No more than one record is held in memory. */
import { compareKeys } from './keyOrder.ts';
import { copyBytes, type RecordCursor, type Values } from './record.ts';

const KEY_BYTES = 256;

/** Goes over the keys of a cursor whose records are in order. */
export class Groups {
  readonly #cursor: RecordCursor;
  #key: Buffer = Buffer.allocUnsafe(KEY_BYTES);
  #keyLength = 0;
  /** `first`: the cursor stands at the first value of the key, which has not been given yet. */
  #state: 'before' | 'first' | 'within' | 'past' | 'end' = 'before';
  readonly values: Values;
  #records = 0;

  constructor(cursor: RecordCursor) {
    this.#cursor = cursor;
    this.values = new GroupValues(cursor, () => this.#nextValue());
  }

  /** The key, valid until the next call of `next`. */
  get key(): Buffer {
    return this.#key.subarray(0, this.#keyLength);
  }

  /** Records read so far. */
  get records(): number {
    return this.#records;
  }

  /** Goes to the next key, whether or not all values of the last one were asked for. False: there is none. */
  next(): boolean {
    while (this.#state === 'first' || this.#state === 'within') this.#nextValue();
    if (this.#state === 'end' || (this.#state === 'before' && !this.#advance())) return false;
    const { buffer, keyStart, keyEnd } = this.#cursor;
    const length = keyEnd - keyStart;
    if (length > this.#key.length) this.#key = Buffer.allocUnsafe(2 * length);
    copyBytes(buffer, keyStart, keyEnd, this.#key, 0);
    this.#keyLength = length;
    this.#state = 'first';
    return true;
  }

  #nextValue(): boolean {
    if (this.#state === 'first') {
      this.#state = 'within';
      return true;
    }
    if (this.#state !== 'within' || !this.#advance()) return false;
    const { buffer, keyStart, keyEnd } = this.#cursor;
    if (compareKeys(buffer, keyStart, keyEnd, this.#key, 0, this.#keyLength) === 0) return true;
    this.#state = 'past';
    return false;
  }

  #advance(): boolean {
    if (this.#cursor.next()) {
      this.#records += 1;
      return true;
    }
    this.#state = 'end';
    return false;
  }
}

class GroupValues implements Values {
  readonly #cursor: RecordCursor;
  readonly next: () => boolean;

  constructor(cursor: RecordCursor, next: () => boolean) {
    this.#cursor = cursor;
    this.next = next;
  }

  get bytes(): Uint8Array {
    return this.#cursor.buffer;
  }

  get start(): number {
    return this.#cursor.valueStart;
  }

  get end(): number {
    return this.#cursor.valueEnd;
  }
}
