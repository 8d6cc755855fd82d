/** RecordIO, the framing of the v1 API's event streams: the length in bytes as decimal text, a line feed, the record. */

const LINE_FEED = 0x0a;
/** Digits of the longest length that is read. */
const LENGTH_DIGITS_MAX = 10;

/** A record with its frame. The record is ASCII text, as {@link toJson} writes it, or bytes. */
export function frameRecord(record: string | Uint8Array): string | Uint8Array {
  const head = `${record.length}\n`;
  return typeof record === 'string' ? head + record : Buffer.concat([Buffer.from(head, 'latin1'), record]);
}

/** Takes a stream apart into its records. */
export interface RecordReader {
  /** Takes the next piece; returns the records that it completes. Throws if the stream is none of records. */
  push(piece: Uint8Array): readonly Buffer[];
}

/** Starts to read a stream whose records have at most so many bytes. */
export function readRecords(recordBytesMax: number): RecordReader {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  /** Of the record, head included; undefined until its head is there. */
  let wanted: number | undefined;
  return {
    push(piece) {
      pieces.push(piece);
      bytes += piece.length;
      if (wanted !== undefined && bytes < wanted) return [];
      let rest = Buffer.concat(pieces);
      const records: Buffer[] = [];
      for (;;) {
        const head = headOf(rest, recordBytesMax);
        wanted = head && head.start + head.length;
        if (head === undefined || wanted === undefined || rest.length < wanted) break;
        records.push(rest.subarray(head.start, wanted));
        rest = rest.subarray(wanted);
      }
      pieces.length = 0;
      pieces.push(rest);
      bytes = rest.length;
      return records;
    },
  };
}

/** Undefined: it is not complete. */
function headOf(
  bytes: Buffer,
  recordBytesMax: number,
): { readonly start: number; readonly length: number } | undefined {
  const end = bytes.subarray(0, LENGTH_DIGITS_MAX + 1).indexOf(LINE_FEED);
  const digits = bytes.toString('latin1', 0, end < 0 ? Math.min(bytes.length, LENGTH_DIGITS_MAX + 1) : end);
  if (!/^\d*$/.test(digits) || digits.length > LENGTH_DIGITS_MAX || (end >= 0 && digits === ''))
    throw new Error('the stream is not made of records: a length was expected');
  if (end < 0) return undefined;
  const length = Number(digits);
  if (length > recordBytesMax)
    throw new Error(`a record of ${length} bytes was announced, and at most ${recordBytesMax} are taken`);
  return { start: end + 1, length };
}
