/**
 * The Standard Workload Format: logs of queues of rigid jobs on supercomputers (Chapin et al., JSSPP 1999), as the Parallel Workloads
 * Archive has them.
 *
 * Lines that begin with `;` are comments; some say what the machine was, such as `; MaxProcs: 128`. All others are jobs of 18
 * numbers, with -1 for what is unknown.
 */
import { numberedLines, numberField, TRACE_JOBS_MAX, TraceError, wholeField } from './traceLines.ts';

/** A job as it was logged. */
export interface SwfJob {
  readonly id: string;
  readonly submitS: number;
  readonly runS: number;
  /** That it had, or if that is unknown, that it asked for. */
  readonly processors: number;
}

/** A log. */
export interface SwfLog {
  readonly jobs: readonly SwfJob[];
  /** Jobs without a run time or processors: they were cancelled before they ran, or little is known of them. */
  readonly skipped: number;
  /** Processors of the machine; undefined if the log does not tell. */
  readonly processors: number | undefined;
}

const FIELDS = 18;
const UNKNOWN = -1;
const PROCESSORS = /^;\s*MaxProcs:\s*(\S*)/;

/** Reads a log; jobs come in the order of their submission. Throws a {@link TraceError} for the first line that is not of this format. */
export function readSwf(text: string): SwfLog {
  const jobs: SwfJob[] = [];
  const ids = new Set<number>();
  let processors: number | undefined;
  let skipped = 0;
  for (const [number, line] of numberedLines(text)) {
    if (line.startsWith(';')) {
      const told = PROCESSORS.exec(line)?.[1];
      if (told !== undefined && told !== String(UNKNOWN))
        processors = wholeField(number, 'processors of the machine', told, 1);
      continue;
    }
    if (line.trim() === '') continue;
    const fields = line.trim().split(/\s+/);
    if (fields.length !== FIELDS)
      throw new TraceError(
        number,
        `has ${fields.length} fields; ${FIELDS} are expected, with blanks between them`,
      );
    if (jobs.length + skipped === TRACE_JOBS_MAX)
      throw new TraceError(number, `is one too many; ${TRACE_JOBS_MAX} jobs are the most`);
    const id = wholeField(number, 'the number of a job', fields[0]);
    if (ids.has(id)) throw new TraceError(number, `is of job ${id}, as a line above is`);
    ids.add(id);
    const submitS = numberField(number, 'the second of submission', fields[1]);
    const runS = numberField(number, 'the run time', fields[3], UNKNOWN);
    const allocated = wholeField(number, 'allocated processors', fields[4], UNKNOWN);
    const requested = wholeField(number, 'requested processors', fields[7], UNKNOWN);
    const wide = allocated > 0 ? allocated : requested;
    if (runS > 0 && wide > 0) jobs.push({ id: String(id), submitS, runS, processors: wide });
    else skipped += 1;
  }
  if (jobs.length === 0) throw new TypeError('no job of the trace ran: there is nothing to replay');
  return { jobs: jobs.toSorted((a, b) => a.submitS - b.submitS), skipped, processors };
}
