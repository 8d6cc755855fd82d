/** The outbox of a peer: envelopes that wait to be sent, counted in bytes. */
import { type Envelope, encodeFrame, joinFrames } from '../frame.ts';

/** Envelopes that are turned into bytes at once; within a turn, no more than this wait uncounted. */
const PART_ENVELOPES = 256;

interface Part {
  readonly bytes: Buffer;
  readonly envelopes: number;
}

/** What an outbox must know. */
export interface OutboxOptions {
  /** A frame is filled up to about this many bytes. */
  readonly frameTargetBytes: number;
  /** A single envelope that is larger is refused. */
  readonly frameBytesMax: number;
  /** Is told of an envelope that cannot be sent, and why. */
  readonly refused: (envelope: Envelope, reason: string) => void;
}

/** A queue of envelopes, first in, first out. */
export class Outbox {
  readonly #options: OutboxOptions;
  #open: Envelope[] = [];
  #parts: Part[] = [];
  /** Where the queue begins in `#parts`. */
  #head = 0;
  #bytes = 0;
  #sealedEnvelopes = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes that wait, without the envelopes since the last `seal` (at most 256). */
  get bytes(): number {
    return this.#bytes;
  }

  /** Envelopes that wait. */
  get envelopes(): number {
    return this.#sealedEnvelopes + this.#open.length;
  }

  add(envelope: Envelope): void {
    if (this.#open.push(envelope) >= PART_ENVELOPES) this.seal();
  }

  /** Turns what was added into bytes. */
  seal(): void {
    if (this.#open.length === 0) return;
    const envelopes = this.#open;
    this.#open = [];
    this.#encode(envelopes);
  }

  /** Takes the next frame out, as large as the target allows; undefined if nothing is sealed. */
  take(): Part | undefined {
    const first = this.#parts[this.#head];
    if (first === undefined) return undefined;
    let end = this.#head + 1;
    let byteLength = first.bytes.length;
    let envelopes = first.envelopes;
    for (let next = this.#parts[end]; next !== undefined; next = this.#parts[++end]) {
      if (byteLength + next.bytes.length > this.#options.frameTargetBytes) break;
      byteLength += next.bytes.length;
      envelopes += next.envelopes;
    }
    const taken = this.#parts.slice(this.#head, end);
    this.#forget(end);
    this.#bytes -= byteLength;
    this.#sealedEnvelopes -= envelopes;
    if (taken.length === 1) return first;
    return {
      bytes: joinFrames(
        taken.map((part) => part.bytes),
        byteLength,
      ),
      envelopes,
    };
  }

  /** Drops everything. Returns how many envelopes that were. */
  clear(): number {
    const dropped = this.envelopes;
    this.#open = [];
    this.#parts = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#sealedEnvelopes = 0;
    return dropped;
  }

  #forget(end: number): void {
    if (end === this.#parts.length) {
      this.#parts = [];
      this.#head = 0;
    } else if (end > 1024 && 2 * end > this.#parts.length) {
      this.#parts = this.#parts.slice(end);
      this.#head = 0;
    } else this.#head = end;
  }

  #encode(envelopes: readonly Envelope[]): void {
    const { frameTargetBytes, frameBytesMax, refused } = this.#options;
    const bytes = this.#bytesOf(envelopes);
    const [first] = envelopes;
    if (first === undefined) return;
    if (envelopes.length > 1 && (typeof bytes === 'string' || bytes.length > frameTargetBytes)) {
      const fraction = typeof bytes === 'string' ? 0.5 : frameTargetBytes / bytes.length;
      const size = Math.max(1, Math.floor(envelopes.length * Math.min(0.5, fraction)));
      for (let start = 0; start < envelopes.length; start += size)
        this.#encode(envelopes.slice(start, start + size));
    } else if (typeof bytes === 'string') {
      refused(first, bytes);
    } else if (bytes.length > frameBytesMax) {
      refused(first, `${bytes.length} bytes, more than the ${frameBytesMax} of a frame`);
    } else {
      this.#parts.push({ bytes, envelopes: envelopes.length });
      this.#bytes += bytes.length;
      this.#sealedEnvelopes += envelopes.length;
    }
  }

  /** The frame, or why there can be none. */
  #bytesOf(envelopes: readonly Envelope[]): Buffer | string {
    try {
      return encodeFrame(envelopes);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
