/** The bodies of requests: read whole, and never more at a time than a process can hold. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from './exchange.ts';

/** How much is read. */
export interface BodyLimits {
  /** Of one request. */
  readonly bytesMax: number;
  /** Of all requests that are on their way, together. */
  readonly allBytesMax: number;
}

/** Reads a body. Throws a {@link Refusal} if it is packed or too large, or there is no room for it, or it breaks off. */
export type BodyReader = (incoming: IncomingMessage) => Promise<Buffer>;

/** Makes a reader. */
export function bodyReader({ bytesMax, allBytesMax }: BodyLimits): BodyReader {
  let held = 0;
  return async (incoming) => {
    const announced = Number(incoming.headers['content-length'] ?? 0);
    if (announced > bytesMax) throw tooLarge(bytesMax);
    const { 'content-encoding': coding = 'identity' } = incoming.headers;
    if (coding.toLowerCase() !== 'identity')
      throw new Refusal(
        415,
        `A body with 'Content-Encoding: ${coding.slice(0, 40)}' is not taken; send it as it is`,
      );
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        held += chunk.length;
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        if (held > allBytesMax)
          throw new Refusal(503, 'Too much is being sent to this process; try again', { 'Retry-After': '1' });
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal(400, 'The request broke off');
    } finally {
      held -= bytes;
    }
    return Buffer.concat(chunks, bytes);
  };
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(413, `A request may have at most ${bytesMax} bytes; send less at a time`);
}
