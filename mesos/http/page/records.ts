/** RecordIO as a browser reads it: a length as decimal text, a line feed, that many bytes of JSON. */

const LINE_FEED = 0x0a;
const ZERO = 0x30;
/** The whole state of a large cluster is one record. */
const RECORD_BYTES_MAX = 1 << 30;

/** How much of the record that is under way has come. */
export interface Progress {
  readonly bytes: number;
  readonly ofBytes: number;
}

/** Takes a stream apart into its records. */
export interface RecordReader {
  /** Takes the next piece; returns the texts of the records that it completes. Throws if the stream is none of records. */
  push(piece: Uint8Array): readonly string[];
  readonly progress: Progress | undefined;
}

/** Starts to read a stream. No byte is copied more than once, however large a record is. */
export function readRecords(): RecordReader {
  const decoder = new TextDecoder();
  let length = 0;
  let hasDigits = false;
  let record: { readonly bytes: Uint8Array; filled: number } | undefined;

  return {
    push(piece) {
      const records: string[] = [];
      let at = 0;
      while (at < piece.length) {
        if (record === undefined) {
          const byte = piece[at++] as number;
          const digit = byte - ZERO;
          if (byte === LINE_FEED && hasDigits) {
            record = { bytes: new Uint8Array(length), filled: 0 };
            length = 0;
            hasDigits = false;
          } else if (digit >= 0 && digit <= 9 && length <= RECORD_BYTES_MAX) {
            length = length * 10 + digit;
            hasDigits = true;
          } else throw new Error('the stream is not made of records: a length was expected');
          if (length > RECORD_BYTES_MAX)
            throw new Error(
              `a record of ${length} bytes was announced, and at most ${RECORD_BYTES_MAX} are taken`,
            );
        } else {
          const part = piece.subarray(at, at + record.bytes.length - record.filled);
          record.bytes.set(part, record.filled);
          record.filled += part.length;
          at += part.length;
        }
        if (record !== undefined && record.filled === record.bytes.length) {
          records.push(decoder.decode(record.bytes));
          record = undefined;
        }
      }
      return records;
    },
    get progress() {
      return record && { bytes: record.filled, ofBytes: record.bytes.length };
    },
  };
}
