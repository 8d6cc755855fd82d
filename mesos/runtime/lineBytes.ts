/** Lines of a history as bytes: NDJSON, many at once. */
import type { HistoryLine } from '../protocol/history.ts';

/** Holds lines, up to a number of bytes. */
export interface LineBytes {
  append(line: HistoryLine): void;
  /** Hands on what is held. */
  flush(): void;
}

const HELD_BYTES_MAX = 1 << 16;

/** In UTF-8, of a character of a text. */
const BYTES_PER_CHARACTER_MAX = 3;

const NEWLINE = 0x0a;

/** `put` is given lines, in order, when no more can be held; the bytes are others when it has returned. */
export function lineBytes(put: (bytes: Uint8Array) => void): LineBytes {
  // As bytes: texts that are added up live long enough to be copied by the garbage collector, and who takes the bytes does it faster with many.
  const held = Buffer.allocUnsafeSlow(HELD_BYTES_MAX);
  let bytes = 0;
  const flush = (): void => {
    if (bytes === 0) return;
    const all = held.subarray(0, bytes);
    bytes = 0;
    put(all);
  };
  return {
    append(line) {
      const text = JSON.stringify(line);
      const bytesMax = BYTES_PER_CHARACTER_MAX * text.length + 1;
      if (bytes + bytesMax > HELD_BYTES_MAX) flush();
      if (bytesMax > HELD_BYTES_MAX) return put(Buffer.from(`${text}\n`, 'utf8'));
      bytes += held.write(text, bytes, 'utf8');
      held[bytes++] = NEWLINE;
    },
    flush,
  };
}
