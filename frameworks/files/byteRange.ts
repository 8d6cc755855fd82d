/** The `range` header of HTTP, for one range. */

/** A piece of a file. */
export interface ByteRange {
  readonly start: number;
  readonly bytes: number;
}

/**
 * Reads `bytes=A-B`, `bytes=A-` or `bytes=-N` for a file of so many bytes; undefined if it is no range of it.
 */
export function readRange(header: string, fileBytes: number): ByteRange | undefined {
  const match = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header);
  const [, from = '', to = ''] = match ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const bytes = Math.min(Number(to), fileBytes);
    return bytes === 0 ? undefined : { start: fileBytes - bytes, bytes };
  }
  const start = Number(from);
  const last = to === '' ? fileBytes - 1 : Math.min(Number(to), fileBytes - 1);
  return start <= last ? { start, bytes: last - start + 1 } : undefined;
}
