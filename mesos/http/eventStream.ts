/** A stream of v1 events to one reader: a record in each chunk, and no more in memory than a bound allows. */
import type { ServerResponse } from 'node:http';
import { type ContentType, encode } from '../v1/codec.ts';
import { frameRecord } from '../v1/recordIo.ts';
import type { Message, Value } from '../v1/schema.ts';
import { drained } from './drain.ts';

/** How a stream is opened. */
export interface EventStreamOptions {
  readonly contentType: ContentType;
  readonly headers?: Readonly<Record<string, string>>;
  /** A reader that lets more than this wait is dropped. */
  readonly bufferedBytesMax: number;
  /** Is told once that the stream has ended; `reason`: if it was dropped. */
  readonly closed: (reason: string | undefined) => void;
}

/** A stream. */
export interface EventStream<M extends Message> {
  send(event: Value<M>): void;
  /** Sends a record that is encoded and framed already. */
  sendRecord(record: string | Uint8Array): void;
  /** Sends a record that comes in pieces. What is sent before the last of them has been taken follows it. */
  sendPieces(pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** Ends it when all that was sent has left. */
  end(): void;
}

/** Begins to answer with a stream. */
export function openEventStream<M extends Message>(
  response: ServerResponse,
  schema: M,
  { contentType, headers = {}, bufferedBytesMax, closed }: EventStreamOptions,
): EventStream<M> {
  let isOpen = true;
  let dropped: string | undefined;
  /** What waits for pieces to be sent. */
  let waiting: (string | Uint8Array)[] | undefined;
  let waitingBytes = 0;
  let isEnding = false;
  response.once('close', () => {
    isOpen = false;
    closed(dropped);
  });
  response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store', ...headers });
  response.flushHeaders();

  function sendRecord(record: string | Uint8Array): void {
    if (!isOpen) return;
    const bytes = waiting === undefined ? response.writableLength : waitingBytes;
    if (bytes > 0 && bytes + record.length > bufferedBytesMax)
      return drop(`it does not read: ${bytes} bytes wait for it, and at most ${bufferedBytesMax} may`);
    if (waiting !== undefined) {
      waiting.push(record);
      waitingBytes += record.length;
    }
    // Each record in one write, and so in one chunk: there are clients that take chunks for records.
    else if (typeof record === 'string') response.write(record, 'latin1');
    else response.write(record);
  }

  function drop(reason: string): void {
    isOpen = false;
    dropped = reason;
    response.destroy();
  }

  async function sendPieces(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    waiting = [];
    try {
      for await (const piece of pieces) {
        if (!isOpen || (!response.write(piece) && !(await drained(response)))) return;
      }
    } catch (error) {
      if (isOpen) drop((error as Error).message);
    }
    const after = waiting;
    waiting = undefined;
    waitingBytes = 0;
    for (const record of after) sendRecord(record);
    if (isEnding && isOpen) response.end();
  }

  return {
    send: (event) => sendRecord(frameRecord(encode(schema, contentType, event))),
    sendRecord,
    sendPieces,
    end() {
      if (!isOpen) return;
      isEnding = true;
      if (waiting === undefined) response.end();
    },
  };
}
