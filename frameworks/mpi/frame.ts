/** Frames between ranks: length (u32), kind (u8), tag (u32), payload; little-endian. Lengths are bounded. */

/** What a frame is. The first four are the handshake's. */
const FRAME_KINDS = ['hello', 'challenge', 'proof', 'welcome', 'data', 'bye', 'abort'] as const;
/** A kind of frame. */
export type FrameKind = (typeof FRAME_KINDS)[number];

/** A frame. */
export interface Frame {
  readonly kind: FrameKind;
  /** Tells messages between the same two ranks apart; 0 where that is not needed. */
  readonly tag: number;
  readonly payload: Buffer;
}

/** Largest payload of a message, in bytes: 8 Mi numbers. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;
/** Largest payload from somebody who has not proved yet who he is, in bytes. */
const HANDSHAKE_BYTES_MAX = 64;

const HEADER_BYTES = 9;

/** The bytes of a frame. The payload is copied. Throws a RangeError if it is too long. */
export function encodeFrame(kind: FrameKind, tag = 0, payload: Uint8Array = new Uint8Array()): Buffer {
  if (payload.byteLength > PAYLOAD_BYTES_MAX)
    throw new RangeError(
      `a message of ${payload.byteLength} bytes; at most ${PAYLOAD_BYTES_MAX} are allowed`,
    );
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength);
  bytes.writeUInt32LE(payload.byteLength, 0);
  bytes.writeUInt8(FRAME_KINDS.indexOf(kind), 4);
  bytes.writeUInt32LE(tag, 5);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  /** Largest payload that is accepted at the moment, in bytes. */
  payloadBytesMax = HANDSHAKE_BYTES_MAX;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = HEADER_BYTES;

  /** The frames that are complete with this chunk. Throws a RangeError if a frame is too long or of no known kind. */
  *push(chunk: Buffer): Generator<Frame, void, void> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    while (this.#bytes >= this.#needed) {
      const buffer = this.#joined();
      const length = buffer.readUInt32LE(0);
      const kind = FRAME_KINDS[buffer.readUInt8(4)];
      if (kind === undefined) throw new RangeError('a frame of unknown kind');
      if (length > this.payloadBytesMax)
        throw new RangeError(`a frame of ${length} bytes; at most ${this.payloadBytesMax} are allowed`);
      const end = HEADER_BYTES + length;
      this.#needed = buffer.byteLength < end ? end : HEADER_BYTES;
      if (buffer.byteLength < end) return;
      const rest = buffer.subarray(end);
      this.#chunks = rest.byteLength > 0 ? [rest] : [];
      this.#bytes = rest.byteLength;
      yield { kind, tag: buffer.readUInt32LE(5), payload: buffer.subarray(HEADER_BYTES, end) };
    }
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const buffer = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [buffer];
    return buffer;
  }
}

/** The bytes of these numbers, not copied. */
export function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The numbers that these bytes hold, copied. Throws a RangeError if they are no whole numbers of eight bytes. */
export function valuesOf(payload: Buffer): Float64Array {
  if (payload.byteLength % 8 !== 0)
    throw new RangeError(`a message of ${payload.byteLength} bytes, which is no multiple of 8`);
  const values = new Float64Array(payload.byteLength / 8);
  bytesOf(values).set(payload);
  return values;
}
