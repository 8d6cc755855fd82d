/** Texts between ranks, whose messages are numbers: the length in bytes, then the bytes, filled up to eight. */
import type { Communicator } from './communicator.ts';
import { bytesOf } from './frame.ts';

/** Sends a text to another rank. */
export function sendText(communicator: Communicator, to: number, text: string, tag: number): Promise<void> {
  const bytes = Buffer.from(text);
  const values = new Float64Array(1 + Math.ceil(bytes.byteLength / 8));
  values[0] = bytes.byteLength;
  bytesOf(values).set(bytes, 8);
  return communicator.send(to, values, tag);
}

/** The next text of that rank with that tag. Throws an Error if it sends something else. */
export async function receiveText(communicator: Communicator, from: number, tag: number): Promise<string> {
  const values = await communicator.receive(from, tag);
  const [length = Number.NaN] = values;
  if (!Number.isInteger(length) || length < 0 || values.length !== 1 + Math.ceil(length / 8))
    throw new Error(`rank ${from} sent numbers where a text was due`);
  return Buffer.from(bytesOf(values)).toString('utf8', 8, 8 + length);
}
