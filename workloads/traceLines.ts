/** Lines of a trace file: what the readers of all formats have in common. */

/** Bounds on what is read: more is refused, not cut. */
const LINE_CHARS_MAX = 4_000;
export const TRACE_JOBS_MAX = 1_000_000;

/** What is wrong with a trace, in one sentence that names the line. */
export class TraceError extends TypeError {
  constructor(line: number, what: string) {
    super(`line ${line} of the trace ${what}`);
  }
}

/** Goes through the lines of a text, numbered from 1, without their ends. Throws a {@link TraceError} if one is too long. */
export function* numberedLines(text: string): Generator<readonly [number: number, line: string]> {
  let start = 0;
  for (let number = 1; start < text.length; number += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > LINE_CHARS_MAX)
      throw new TraceError(number, `has ${end - start} characters; ${LINE_CHARS_MAX} is the most`);
    yield [number, text.slice(start, text[end - 1] === '\r' ? end - 1 : end)];
    start = end + 1;
  }
}

/** Reads a whole number of at least `min`. Throws a {@link TraceError} that names the field. */
export function wholeField(line: number, name: string, text: string | undefined, min = 0): number {
  const value = Number(text);
  if (text === undefined || !/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min)
    throw new TraceError(
      line,
      `has '${shown(text)}' as ${name}; a whole number of at least ${min} is expected`,
    );
  return value;
}

/** Reads a number of at least `min`, with or without decimals. Throws a {@link TraceError} that names the field. */
export function numberField(line: number, name: string, text: string | undefined, min = 0): number {
  const value = Number(text);
  if (
    text === undefined ||
    !/^-?\d+(\.\d+)?$/.test(text) ||
    !(Math.abs(value) <= Number.MAX_SAFE_INTEGER && value >= min)
  )
    throw new TraceError(line, `has '${shown(text)}' as ${name}; a number of at least ${min} is expected`);
  return value;
}

function shown(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.slice(0, 40);
}
