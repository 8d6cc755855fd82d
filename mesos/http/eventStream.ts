/** A stream of v1 events to one reader: a record in each chunk, and no more in memory than a bound allows. */
import type { ServerResponse } from 'node:http';
import { type ContentType, encode } from '../v1/codec.ts';
import { frameRecord } from '../v1/recordIo.ts';
import type { Message, Value } from '../v1/schema.ts';

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
  response.once('close', () => {
    isOpen = false;
    closed(dropped);
  });
  response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store', ...headers });
  response.flushHeaders();

  function sendRecord(record: string | Uint8Array): void {
    if (!isOpen) return;
    const waiting = response.writableLength;
    if (waiting > 0 && waiting + record.length > bufferedBytesMax) {
      isOpen = false;
      dropped = `it does not read: ${waiting} bytes wait for it, and at most ${bufferedBytesMax} may`;
      response.destroy();
      return;
    }
    // Each record in one write, and so in one chunk: there are clients that take chunks for records.
    if (typeof record === 'string') response.write(record, 'latin1');
    else response.write(record);
  }

  return {
    send: (event) => sendRecord(frameRecord(encode(schema, contentType, event))),
    sendRecord,
    end() {
      if (isOpen) response.end();
    },
  };
}
