/** ZooKeeper's way to write records, jute: big-endian numbers, and texts, bytes and lists behind their lengths. */

/** Longest frame that is read: what a server takes too (`jute.maxbuffer`). */
export const FRAME_BYTES_MAX = 1024 * 1024;
const LENGTH_BYTES = 4;

/** Something of the other side that is no record, or no frame. */
export class MalformedError extends Error {}

/** Bytes of one record, made of parts. */
export const record = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

/** A record as a frame: behind its length. */
export const frame = (...parts: readonly Buffer[]): Buffer => bytes(record(...parts));

export function int(value: number): Buffer {
  const written = Buffer.allocUnsafe(4);
  written.writeInt32BE(value);
  return written;
}

export function long(value: bigint): Buffer {
  const written = Buffer.allocUnsafe(8);
  written.writeBigInt64BE(value);
  return written;
}

export const bool = (value: boolean): Buffer => Buffer.from([value ? 1 : 0]);

export const bytes = (value: Buffer): Buffer => record(int(value.length), value);

export const text = (value: string): Buffer => bytes(Buffer.from(value, 'utf8'));

export const list = (items: readonly Buffer[]): Buffer => record(int(items.length), ...items);

/** Reads a record from its beginning. Every method throws {@link MalformedError} if the record has ended. */
export class JuteReader {
  readonly #record: Buffer;
  #at = 0;

  constructor(record: Buffer) {
    this.#record = record;
  }

  get left(): number {
    return this.#record.length - this.#at;
  }

  int(): number {
    return this.#take(4).readInt32BE();
  }

  long(): bigint {
    return this.#take(8).readBigInt64BE();
  }

  bool(): boolean {
    return this.#take(1)[0] !== 0;
  }

  /** A length of -1 is how jute writes nothing; it is read as no bytes. */
  bytes(): Buffer {
    const length = this.int();
    if (length < -1) throw new MalformedError(`a length of ${length}`);
    return this.#take(Math.max(0, length));
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  texts(): readonly string[] {
    const count = this.int();
    // Each text takes at least its length, so a count that lies cannot make us reserve memory.
    if (count < -1 || count * LENGTH_BYTES > this.left) throw new MalformedError(`a list of ${count}`);
    return Array.from({ length: Math.max(0, count) }, () => this.text());
  }

  skip(byteLength: number): void {
    this.#take(byteLength);
  }

  #take(byteLength: number): Buffer {
    if (byteLength > this.left) throw new MalformedError('a record that ends too early');
    this.#at += byteLength;
    return this.#record.subarray(this.#at - byteLength, this.#at);
  }
}

/**
 * Cuts a stream of bytes into frames, however they arrive. Throws {@link MalformedError} when a length is below zero or above
 * the maximum, before it keeps any of that frame's bytes.
 */
export function frameSplitter(frameBytesMax = FRAME_BYTES_MAX): (chunk: Buffer) => readonly Buffer[] {
  /** Chunks of a frame that is not complete. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  /** Bytes that must be there before there is something to do: a length, or a whole frame. */
  let needed = LENGTH_BYTES;

  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < needed) return [];
    const all = pending.length === 1 ? chunk : Buffer.concat(pending);
    const frames: Buffer[] = [];
    let at = 0;
    needed = LENGTH_BYTES;
    while (all.length - at >= LENGTH_BYTES) {
      const length = all.readInt32BE(at);
      if (length < 0 || length > frameBytesMax) throw new MalformedError(`a frame of ${length} bytes`);
      const end = at + LENGTH_BYTES + length;
      if (end > all.length) {
        needed = LENGTH_BYTES + length;
        break;
      }
      frames.push(all.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    const rest = all.subarray(at);
    pending = rest.length === 0 ? [] : [rest];
    pendingBytes = rest.length;
    return frames;
  };
}
