/** Talking to file servers (fileServer.ts). */
import { createReadStream } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { takingDetours } from '../../mesos/driver/detours.ts';
import { Agent, request } from '../../mesos/driver/nodeHttp.ts';
import type { ByteRange } from './byteRange.ts';

/** What to store. */
export type Upload =
  | { readonly from: 'memory'; readonly bytes: Uint8Array; readonly crc32: number }
  | { readonly from: 'file'; readonly path: string; readonly bytes: number; readonly crc32: number };

/** A file, or part of one, that is coming. */
export interface Download {
  readonly bytes: number;
  /** CRC-32 of all of them, if the file server says; the chunks are compared with it. */
  readonly crc32: number | undefined;
  /** Its bytes, in chunks. Fails if they are fewer, or do not have the checksum that the file server gave. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Lets go of the connection, if its chunks are not read. */
  forget(): void;
}

/** A block that a file server has made of what it has, or has fetched. */
export interface MadeBlock {
  readonly bytes: number;
  readonly crc32: number;
}

/** A request that failed; the message is one sentence. */
export class FileServerError extends Error {
  /** HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** What the server itself said, if it answered. */
  readonly explanation: string | undefined;

  constructor(message: string, status?: number, cause?: unknown, explanation?: string) {
    super(message, { cause });
    this.name = 'FileServerError';
    this.status = status;
    this.explanation = explanation;
  }
}

/** A connection on which nothing moves for so long is given up. */
const IDLE_MS_MAX = 30_000;
/** Longest explanation that is read from a file server. */
const EXPLANATION_BYTES_MAX = 2048;
const READ_BYTES = 256 * 1024;
/** Longest answer that is held in memory. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

/** Reads and writes files on file servers, all with the same secret. Close it at the end. */
export class FileClient {
  readonly #agent = takingDetours(new Agent({ keepAlive: true, maxSockets: 16, timeout: IDLE_MS_MAX }));
  readonly #authorization: string;

  constructor(secret: string) {
    this.#authorization = `Bearer ${secret}`;
  }

  /**
   * Asks for a file, or so many bytes of it from a place on. Read its chunks, all of them or until one fails, or forget it. Rejects with a {@link FileServerError}.
   */
  async get(url: string, range?: ByteRange): Promise<Download> {
    const headers: Record<string, string> =
      range === undefined ? {} : { range: `bytes=${range.start}-${range.start + range.bytes - 1}` };
    const response = await this.#send('GET', url, headers, (sent) => void sent.end());
    const bytes = Number(response.headers['content-length']);
    const crc = response.headers['x-crc32'];
    if (!Number.isSafeInteger(bytes)) {
      response.destroy();
      throw new FileServerError(`GET ${url}: the answer does not say how long it is.`);
    }
    const expected = typeof crc === 'string' ? Number.parseInt(crc, 16) : undefined;
    const forget = (): void => void response.destroy();
    return { bytes, crc32: expected, chunks: checked(url, response, bytes, expected), forget };
  }

  /** Stores a file. Rejects with a {@link FileServerError}. */
  async put(url: string, upload: Upload): Promise<void> {
    const length = upload.from === 'memory' ? upload.bytes.length : upload.bytes;
    const headers = { 'content-length': length, 'x-crc32': upload.crc32.toString(16).padStart(8, '0') };
    const response = await this.#send('PUT', url, headers, (sent) => {
      if (upload.from === 'memory') sent.end(upload.bytes);
      // If it breaks off, the request fails, and says so there.
      else
        pipeline(createReadStream(upload.path, { highWaterMark: READ_BYTES }), sent).catch(() =>
          sent.destroy(),
        );
    });
    response.resume();
  }

  /**
   * Makes a file that a file server has a block there, too, without copying. Resolves to what it is. Rejects with a
   * {@link FileServerError}.
   */
  link(nodeUrl: string, from: string, blockId: string): Promise<MadeBlock> {
    return this.#make(`${nodeUrl}/blocks/${blockId}?link=${encodeURIComponent(from)}`);
  }

  /** Has a file server fetch a block from another. Resolves to what it is. Rejects with a {@link FileServerError}. */
  copy(nodeUrl: string, fromUrl: string, blockId: string): Promise<MadeBlock> {
    return this.#make(`${nodeUrl}/blocks/${blockId}?copy=${encodeURIComponent(fromUrl)}`);
  }

  /** Has a file server look whether a file is damaged, which it then tells its namenode. Rejects if it is, or cannot be read. */
  async check(url: string): Promise<void> {
    const response = await this.#send(
      'POST',
      `${url}?check`,
      { 'content-length': 0 },
      (sent) => void sent.end(),
    );
    response.resume();
  }

  /** Sends JSON, and resolves to the JSON that is answered. Rejects with a {@link FileServerError}. */
  async post(url: string, value: unknown): Promise<unknown> {
    const body = Buffer.from(JSON.stringify(value), 'utf8');
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const response = await this.#send('POST', url, headers, (sent) => void sent.end(body));
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
        chunks.push(chunk);
      }
      return JSON.parse(Buffer.concat(chunks, bytes).toString('utf8'));
    } catch (cause) {
      throw new FileServerError(`POST ${url}: ${(cause as Error).message}.`, undefined, cause);
    }
  }

  /** Removes a file or folder, if it is there. Rejects with a {@link FileServerError}. */
  async remove(url: string): Promise<void> {
    const response = await this.#send('DELETE', url, {}, (sent) => void sent.end());
    response.resume();
  }

  /** Ends all connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #make(url: string): Promise<MadeBlock> {
    const response = await this.#send('PUT', url, { 'content-length': 0 }, (sent) => void sent.end());
    response.resume();
    const bytes = Number(response.headers['x-bytes']);
    const crc = Number.parseInt(String(response.headers['x-crc32']), 16);
    if (Number.isSafeInteger(bytes) && Number.isSafeInteger(crc)) return { bytes, crc32: crc };
    throw new FileServerError(`PUT ${url}: the answer does not say what was made.`);
  }

  #send(
    method: string,
    url: string,
    headers: Readonly<Record<string, string | number>>,
    write: (sent: ClientRequest) => void,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      let answered = false;
      const sent = request(url, {
        method,
        agent: this.#agent,
        timeout: IDLE_MS_MAX,
        headers: { ...headers, authorization: this.#authorization },
      });
      const failed = (cause: Error & { readonly code?: string }): void => {
        if (answered) return;
        // The server closed an idle connection just as it was used again, which shows in reading or in writing: nothing has happened yet.
        if (sent.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE'))
          this.#send(method, url, headers, write).then(resolve, reject);
        else reject(new FileServerError(`${method} ${url}: ${cause.message}.`, undefined, cause));
      };
      sent.on('error', failed);
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${IDLE_MS_MAX / 1000} s`)));
      sent.on('response', (response) => {
        answered = true;
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(response);
        else
          explanation(response).then((text) =>
            reject(new FileServerError(`${method} ${url}: ${status} ${text}`, status, undefined, text)),
          );
      });
      write(sent);
    });
  }
}

/** What a server says of its refusal: all that comes of it, up to a bound. */
async function explanation(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= EXPLANATION_BYTES_MAX) break;
    }
  } catch {
    // It was broken off.
  }
  return Buffer.concat(chunks).toString('utf8', 0, EXPLANATION_BYTES_MAX).trim();
}

async function* checked(
  url: string,
  response: IncomingMessage,
  bytes: number,
  expected: number | undefined,
): AsyncGenerator<Buffer, void, void> {
  let crc = 0;
  let received = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      received += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new FileServerError(`GET ${url}: broken off: ${(cause as Error).message}.`, undefined, cause);
  }
  if (received !== bytes)
    throw new FileServerError(`GET ${url}: ${received} of ${bytes} bytes came; the connection was cut.`);
  if (expected !== undefined && crc !== expected)
    throw new FileServerError(`GET ${url}: the bytes do not have their checksum; the file is damaged.`);
}
