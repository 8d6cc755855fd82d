/** Hearing the stream that a master or slave answers a subscription with. */
import type { IncomingMessage } from 'node:http';
import { readRecords } from '../../v1/recordIo.ts';

const RECORD_BYTES_MAX = 64 << 20;

/** Hears every record of a stream. Rejects when it ends, with one sentence; with the signal's reason if it was that. */
export async function hearRecords(
  answer: IncomingMessage,
  signal: AbortSignal,
  heard: (record: Buffer) => void,
): Promise<never> {
  const reader = readRecords(RECORD_BYTES_MAX);
  try {
    for await (const piece of answer as AsyncIterable<Buffer>)
      for (const record of reader.push(piece)) heard(record);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  throw new Error('it ended the stream');
}
