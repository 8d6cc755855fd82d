/**
 * Frames: what a link carries. A frame is UTF-8 JSON, an array of envelopes (docs/decisions/0001).
 *
 * Both ends know the processes from the hello, so an envelope names actors only by the part before the `@`.
 */
import type { Message } from '../protocol/message.ts';

/** One message under way, with the names of the actors that it goes to and comes from. */
export type Envelope = readonly [to: string, from: string, message: Message];

/** An envelope as it came from the network: its message has not been checked. */
export type ReceivedEnvelope = readonly [to: string, from: string, message: unknown];

/** Longest name of an actor. */
const ACTOR_NAME_LENGTH_MAX = 255;

const COMMA = ','.charCodeAt(0);

/** Writes envelopes as one frame. Throws what JSON.stringify throws. */
export function encodeFrame(envelopes: readonly Envelope[]): Buffer {
  return Buffer.from(JSON.stringify(envelopes), 'utf8');
}

/** Makes one frame of several, in their order. None of them may be empty arrays. */
export function joinFrames(frames: readonly Buffer[], byteLength: number): Buffer {
  const joined = Buffer.allocUnsafe(byteLength - frames.length + 1);
  let end = 0;
  for (const frame of frames) {
    // Each frame's `[` falls on the `]` of the one before it, which becomes the comma between them.
    const start = Math.max(0, end - 1);
    end = start + frame.copy(joined, start);
    if (start > 0) joined[start] = COMMA;
  }
  return joined;
}

/** Reads a frame: what should be envelopes, each still to be checked; undefined if it is no JSON array. */
export function decodeFrame(frame: Buffer): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(frame.toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Is this an envelope? Says nothing about its message. */
export function isEnvelope(value: unknown): value is ReceivedEnvelope {
  return Array.isArray(value) && value.length === 3 && isActorName(value[0]) && isActorName(value[1]);
}

/** Can an actor have this name? 1 to 255 characters, no `@`. */
export function isActorName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= ACTOR_NAME_LENGTH_MAX &&
    !value.includes('@')
  );
}
