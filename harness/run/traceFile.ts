/** Reads traces from files of the user's. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readSwf, type SwfLog } from '../../workloads/swf.ts';
import { readSwim, type SwimJob } from '../../workloads/swim.ts';

/** A trace with where it comes from. */
export type TraceFile = {
  readonly name: string;
  readonly sha256: string;
} & (
  | { readonly format: 'swim'; readonly jobs: readonly SwimJob[] }
  | { readonly format: 'swf'; readonly log: SwfLog }
);

/** Bound on a file, packed or not. */
const BYTES_MAX = 256 * 2 ** 20;
/** Bound on the time from the first job to the last: the hours between them are counted. */
const SPAN_YEARS_MAX = 20;
const YEAR_S = 365 * 86_400;
/** Files that begin with these bytes are packed by gzip. */
const GZIP = [0x1f, 0x8b] as const;

/** Reads a SWIM trace or a log of the Standard Workload Format, packed by gzip or not. Throws a TypeError with a sentence if it is neither. */
export function readTraceFile(path: string): TraceFile {
  const bytes = unpacked(path);
  const text = bytes.toString('latin1');
  const about = { name: basename(path), sha256: createHash('sha256').update(bytes).digest('hex') };
  try {
    if (text === '') throw new TypeError('the trace is empty');
    switch (formatOf(text)) {
      case 'swim':
        return { ...about, format: 'swim', jobs: bounded(readSwim(text)) };
      case 'swf': {
        const log = readSwf(text);
        return { ...about, format: 'swf', log: { ...log, jobs: bounded(log.jobs) } };
      }
      default:
        throw new TypeError(
          'line 1 of the trace is neither of SWIM (6 fields with tabs between them) nor of the Standard Workload Format (18 numbers, or a comment after a ;)',
        );
    }
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`${path}: ${error.message}`);
    throw error;
  }
}

/** The jobs, which are in the order of their submission. Throws a TypeError if no log goes on for so long. */
function bounded<J extends { readonly submitS: number }>(jobs: readonly J[]): readonly J[] {
  const years = ((jobs.at(-1)?.submitS ?? 0) - (jobs[0]?.submitS ?? 0)) / YEAR_S;
  if (years > SPAN_YEARS_MAX)
    throw new TypeError(`its jobs span ${Math.round(years)} years; ${SPAN_YEARS_MAX} are the most`);
  return jobs;
}

function unpacked(path: string): Buffer {
  const tooLarge = new TypeError(`${path} has more than ${BYTES_MAX / 2 ** 20} MiB: cut it`);
  let bytes: Buffer;
  try {
    if (statSync(path).size > BYTES_MAX) throw tooLarge;
    bytes = readFileSync(path);
  } catch (error) {
    if (error === tooLarge) throw error;
    throw new TypeError(`${path} cannot be read: ${(error as Error).message}`);
  }
  if (GZIP.some((byte, index) => bytes[index] !== byte)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: BYTES_MAX });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge;
    throw new TypeError(`${path} is packed, but cannot be unpacked: ${(error as Error).message}`);
  }
}

function formatOf(text: string): TraceFile['format'] | undefined {
  const [first = ''] = text.slice(0, 4_096).split('\n', 1);
  if (first.split('\t').length === 6) return 'swim';
  return first.startsWith(';') || first.trim().split(/\s+/).length === 18 ? 'swf' : undefined;
}
