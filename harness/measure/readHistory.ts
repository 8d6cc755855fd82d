/** History files: NDJSON, one event a line, one file for each process that recorded. */
import { createReadStream } from 'node:fs';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { complaint } from './lineSchema.ts';

/** Longest line that is read; a longer one is not a history. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;

/** What to do with a file whose process died while it wrote. */
export interface ReadOptions {
  /**
   * Told of a last line that is torn, i.e. without a line end and no JSON; that line is then left out.
   * Without this, it is an error as any other malformed line.
   */
  readonly onTorn?: (complaint: string) => void;
}

/**
 * The lines of a history file, in order, while it is read. Throws an Error with one sentence that names the
 * file, and the line if one is malformed.
 */
export async function* readHistory(
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<HistoryLine, void, void> {
  let number = 0;
  for await (const { lines, last } of linesOf(path)) {
    for (const [index, text] of lines.entries()) {
      number++;
      const parsed = parseLine(text);
      if (parsed.ok) {
        yield parsed.line;
        continue;
      }
      const wrong = `${path}:${number}: not a line of a history: ${parsed.why}`;
      const torn = last && index === lines.length - 1 && parsed.torn;
      if (!torn || options.onTorn === undefined) throw new Error(wrong);
      options.onTorn(wrong);
    }
  }
}

/** A history of a process, whose clock was so far ahead of that of the others. */
export interface HistoryFile {
  readonly path: string;
  readonly aheadMs: number;
}

/**
 * The lines of several histories as one, ordered by time, as if all clocks had agreed. Lines of one file keep their order even where
 * its clock was set back; at equal times the file that is named first comes first.
 */
export async function* mergeHistories(
  files: readonly HistoryFile[],
  options: ReadOptions = {},
): AsyncGenerator<HistoryLine, void, void> {
  const readers = files.map((file) => onCommonClock(file, options));
  try {
    const heads = await Promise.all(readers.map(async (reader) => (await reader.next()).value));
    for (;;) {
      let earliest = -1;
      let earliestMs = Number.POSITIVE_INFINITY;
      for (const [index, head] of heads.entries()) {
        if (!head || head.t >= earliestMs) continue;
        earliest = index;
        earliestMs = head.t;
      }
      const head = heads[earliest];
      if (!head) return;
      yield head;
      heads[earliest] = (await readers[earliest]?.next())?.value;
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.return()));
  }
}

async function* onCommonClock(
  { path, aheadMs }: HistoryFile,
  options: ReadOptions,
): AsyncGenerator<HistoryLine, void, void> {
  for await (const line of readHistory(path, options)) yield aheadMs === 0 ? line : earlier(line, aheadMs);
}

function earlier(line: HistoryLine, byMs: number): HistoryLine {
  const t = line.t - byMs;
  return line.event === 'job-submitted' ? { ...line, t, intendedMs: line.intendedMs - byMs } : { ...line, t };
}

/**
 * The file in batches of lines without their line ends; `last` with what follows the last line end, if
 * anything.
 */
async function* linesOf(
  path: string,
): AsyncGenerator<{ lines: readonly string[]; last: boolean }, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(10);
      if (end < 0) {
        rest = Buffer.concat([rest, chunk]);
        if (rest.length > LINE_BYTES_MAX)
          throw new Error(`${path}: a line is longer than ${LINE_BYTES_MAX} bytes, so this is not a history`);
        continue;
      }
      yield {
        lines: Buffer.concat([rest, chunk.subarray(0, end)])
          .toString('utf8')
          .split('\n'),
        last: false,
      };
      rest = chunk.subarray(end + 1);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new Error(`The history '${path}' cannot be read (${String(error.code)}).`, { cause: error });
    throw error;
  }
  if (rest.length > 0) yield { lines: [rest.toString('utf8')], last: true };
}

type Parsed =
  | { readonly ok: true; readonly line: HistoryLine }
  | { readonly ok: false; readonly why: string; readonly torn: boolean };

function parseLine(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const piece = text.length > 60 ? `${text.slice(0, 60)} ...` : text;
    return { ok: false, why: `it is not JSON: ${piece}`, torn: true };
  }
  const why = complaint(value);
  return why === undefined ? { ok: true, line: value as HistoryLine } : { ok: false, why, torn: false };
}
