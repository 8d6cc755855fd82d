/** Tells why nothing of jobs runs, or not all that should, when that has lasted a while. */
import type { JobStatus } from '../../../frameworks/jobBoard.ts';
import { hasEnded } from '../../jobs/jobList.ts';

/** Who waits, and what is known of that. */
export interface Waiting {
  /** After so many milliseconds it is told, and again when it has changed. */
  readonly patienceMs: number;
  jobs(): readonly JobStatus[];
  /** Why nothing of these jobs runs: a sentence without a full stop; undefined if there is nothing to say. */
  why(jobs: readonly JobStatus[]): Promise<string | undefined>;
  /** The same of jobs that should run as a whole, and run in part. */
  whyPart(jobs: readonly JobStatus[]): Promise<string | undefined>;
  log(line: string): void;
}

/** Looks until `stop` is called. */
export function explainWaiting({ patienceMs, jobs, why, whyPart, log }: Waiting): { stop(): void } {
  let lastProgress = '';
  let lastLine: string | undefined;
  let isAsking = false;
  const look = async (): Promise<void> => {
    const now = jobs();
    const progress = JSON.stringify(now.map(({ id, phase, tasks }) => [id, phase, tasks.finished]));
    const stands = progress === lastProgress;
    lastProgress = progress;
    const open = now.filter((job) => !hasEnded(job));
    const isIdle = now.every(({ tasks }) => tasks.running === 0);
    const asked = isIdle ? open : open.filter(isInPart);
    if (!stands || isAsking || asked.length === 0) return;
    isAsking = true;
    const sentence = await (isIdle ? why : whyPart)(asked).catch((error: Error) => error.message);
    isAsking = false;
    const line =
      sentence && `${isIdle ? 'nothing has' : 'not all has'} run for ${patienceMs / 1000} s: ${sentence}`;
    if (line !== undefined && line !== lastLine) log(line);
    lastLine = line;
  };
  const timer = setInterval(() => void look(), patienceMs);
  return { stop: () => clearInterval(timer) };
}

/** Is less of it at work than should be at the same time? */
function isInPart({ needs, tasks: { total, running, finished } }: JobStatus): boolean {
  return needs?.atOnce !== undefined && running + finished < total;
}
