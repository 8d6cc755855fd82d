/** One TCP connection between two ranks, as a sequence of frames. */
import type { Socket } from 'node:net';
import { encodeFrame, type Frame, type FrameKind, FrameReader, PAYLOAD_BYTES_MAX } from './frame.ts';

/** Frames that somebody who has not proved yet who he is may send ahead. */
const HANDSHAKE_FRAMES_MAX = 4;
/** How long somebody may take to prove who he is. */
const HANDSHAKE_MS = 60_000;

type Waiter = { readonly resolve: (frame: Frame) => void; readonly reject: (error: Error) => void };

/** See the top of the file. A new link trusts its peer with little; {@link trust} it after the handshake. */
export class Link {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #frames: Frame[] = [];
  readonly #blocked = new Set<Waiter>();
  #reading: Waiter | undefined;
  #broken: Error | undefined;
  #framesMax = HANDSHAKE_FRAMES_MAX;
  readonly #deadline = AbortSignal.timeout(HANDSHAKE_MS);
  readonly #expire = (): void =>
    this.destroy(new Error(`it has not proved who it is within ${HANDSHAKE_MS / 1000} s`));

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#deadline.addEventListener('abort', this.#expire);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => this.#unblock());
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.destroy(new Error(error.code ?? error.message)),
    );
    socket.on('close', () => this.destroy(new Error('its connection broke')));
  }

  /** Has it been destroyed, or has the peer? */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** The peer has proved who he is: long frames, and silence, are fine from now on. */
  trust(): void {
    this.#reader.payloadBytesMax = PAYLOAD_BYTES_MAX;
    this.#framesMax = Number.POSITIVE_INFINITY;
    this.#deadline.removeEventListener('abort', this.#expire);
  }

  /** The next frame. One reader at a time. Rejects when the link is broken and all that came before has been read. */
  read(): Promise<Frame> {
    const next = this.#frames.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#reading !== undefined) throw new Error('a link has one reader');
    return new Promise((resolve, reject) => {
      this.#reading = { resolve, reject };
    });
  }

  /** Sends a frame; resolves when there is room for the next one. The payload may be changed at once. */
  write(kind: FrameKind, tag?: number, payload?: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#socket.write(encodeFrame(kind, tag, payload))) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#blocked.add({ resolve: () => resolve(), reject });
    });
  }

  /** Sends what was written, then closes. */
  end(): void {
    this.#socket.end();
  }

  /** Sends a last frame, and closes without hearing any more. What waits is rejected with the reason. */
  endWith(kind: FrameKind, payload: Uint8Array, reason: Error): void {
    if (this.#broken !== undefined) return;
    this.#socket.write(encodeFrame(kind, 0, payload));
    this.#break(reason);
    this.#socket.destroySoon();
  }

  /** Closes at once. What waits is rejected with the reason. */
  destroy(reason: Error): void {
    if (this.#broken !== undefined) return;
    this.#break(reason);
    this.#socket.destroy();
  }

  #break(reason: Error): void {
    this.#broken = reason;
    this.#deadline.removeEventListener('abort', this.#expire);
    this.#reading?.reject(reason);
    this.#reading = undefined;
    for (const { reject } of this.#blocked) reject(reason);
    this.#blocked.clear();
  }

  #take(chunk: Buffer): void {
    if (this.#broken !== undefined) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#deliver(frame);
    } catch (error) {
      this.destroy(new Error(`it sent ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  #deliver(frame: Frame): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined) {
      reading.resolve(frame);
      return;
    }
    if (this.#frames.length >= this.#framesMax) throw new RangeError('more frames than the handshake has');
    this.#frames.push(frame);
  }

  #unblock(): void {
    const blocked = [...this.#blocked];
    this.#blocked.clear();
    for (const { resolve } of blocked) resolve({ kind: 'data', tag: 0, payload: Buffer.alloc(0) });
  }
}
