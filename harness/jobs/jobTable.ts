/** Jobs as a table for people. */
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import { hasEnded, type JobList } from './jobList.ts';

const COLUMNS = ['ID', 'FRAMEWORK', 'KIND', 'STATE', 'TASKS', 'SUBMITTED', 'WAITED', 'RAN', ''] as const;
/** Longest text of a cell but the last. */
const CELL_MAX = 40;

/** A line of headings, and one for each job, the last column being what there is to say of it. No jobs: one line that says so. */
export function jobTable(lists: readonly JobList[]): readonly string[] {
  const rows = lists.flatMap((list) => list.jobs.map((job) => row(list, job)));
  const omitted = lists.filter((list) => list.omitted > 0);
  if (rows.length === 0) return ['no jobs'];
  const widths = COLUMNS.map((name, column) =>
    Math.max(name.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(column < cells.length - 1 ? (widths[column] ?? 0) : 0))
      .join('  ');
  return [
    ...[COLUMNS, ...rows].map((cells) => line(cells).trimEnd()),
    ...omitted.map((list) => `and ${list.omitted} earlier jobs of ${printable(list.framework)}`),
  ];
}

/** How far a job is, of what it knows that it has to do: `12/40`. */
export function taskCounts({ tasks: { total, running, finished } }: Pick<JobStatus, 'tasks'>): string {
  return `${finished}/${total}${running > 0 ? ` (${running} run)` : ''}`;
}

/** A span of time as people read it: `0.8s`, `45s`, `3m20s`, `2h05m`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (minutes < 60) return `${minutes}m${two(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** Text of somebody else, without what a terminal would take for orders. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

function row({ framework, nowMs }: JobList, job: JobStatus): readonly string[] {
  const { id, kind, phase, submittedMs, startedMs, endedMs, message = '' } = job;
  const waitedMs = (startedMs ?? endedMs ?? nowMs) - submittedMs;
  const ranMs = startedMs === undefined ? undefined : (endedMs ?? nowMs) - startedMs;
  return [
    cell(id),
    cell(framework),
    cell(kind),
    phase,
    taskCounts(job),
    new Date(submittedMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    spanText(waitedMs),
    ranMs === undefined ? '-' : spanText(ranMs),
    hasEnded(job) && phase === 'finished' ? '' : printable(message),
  ];
}

function cell(text: string): string {
  const clean = printable(text);
  return clean.length > CELL_MAX ? `${clean.slice(0, CELL_MAX - 1)}…` : clean;
}
