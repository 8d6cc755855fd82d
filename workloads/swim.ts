/**
 * SWIM traces: MapReduce jobs of real clusters by the bytes that they moved (Chen, Ganapathi, Griffith and Katz, MASCOTS 2011), e.g.
 * a sample of a day of Facebook's cluster in 2009.
 *
 * A line is a job: its id, the second of its submission, seconds since the job before, bytes of map input, of shuffle and of output,
 * separated by tabs.
 */
import { numberedLines, TRACE_JOBS_MAX, TraceError, wholeField } from './traceLines.ts';

/** A job as it was traced. */
export interface SwimJob {
  readonly id: string;
  readonly submitS: number;
  readonly inputBytes: number;
  readonly shuffleBytes: number;
  readonly outputBytes: number;
}

const FIELDS = 6;

/** Reads a trace. Throws a {@link TraceError} for the first line that is not of this format, or comes before the one above it. */
export function readSwim(text: string): readonly SwimJob[] {
  const jobs: SwimJob[] = [];
  const ids = new Set<string>();
  let lastS = 0;
  for (const [number, line] of numberedLines(text)) {
    const fields = line.split('\t');
    if (fields.length !== FIELDS)
      throw new TraceError(
        number,
        `has ${fields.length} fields; ${FIELDS} are expected, with tabs between them`,
      );
    const [id = '', submit, gap, input, shuffle, output] = fields;
    if (id === '') throw new TraceError(number, 'has no id of a job');
    if (ids.has(id)) throw new TraceError(number, `has the id '${id}', as a line above has`);
    ids.add(id);
    const submitS = wholeField(number, 'the second of submission', submit);
    if (submitS < lastS)
      throw new TraceError(number, `is of second ${submitS}, before the line above it (${lastS})`);
    lastS = submitS;
    wholeField(number, 'the gap', gap);
    if (jobs.length === TRACE_JOBS_MAX)
      throw new TraceError(number, `is one too many; ${TRACE_JOBS_MAX} jobs are the most`);
    jobs.push({
      id,
      submitS,
      inputBytes: wholeField(number, 'bytes of input', input),
      shuffleBytes: wholeField(number, 'bytes of shuffle', shuffle),
      outputBytes: wholeField(number, 'bytes of output', output),
    });
  }
  if (jobs.length === 0) throw new TraceError(1, 'is missing: there is no job');
  return jobs;
}
