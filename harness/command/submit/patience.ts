/** Tells why nothing of jobs runs, when that has lasted a while. */
import type { JobStatus } from '../../../frameworks/jobBoard.ts';
import { hasEnded } from '../../jobs/jobList.ts';

/** Who waits, and what is known of that. */
export interface Waiting {
  /** After so many milliseconds it is told, and again when it has changed. */
  readonly patienceMs: number;
  jobs(): readonly JobStatus[];
  /** A sentence without a full stop; undefined if there is nothing to say. */
  why(): Promise<string | undefined>;
  log(line: string): void;
}

/** Looks until `stop` is called. */
export function explainWaiting({ patienceMs, jobs, why, log }: Waiting): { stop(): void } {
  let lastProgress = '';
  let lastSentence: string | undefined;
  let isAsking = false;
  const look = async (): Promise<void> => {
    const now = jobs();
    const progress = JSON.stringify(now.map(({ id, phase, tasks }) => [id, phase, tasks.finished]));
    const stands = progress === lastProgress && now.every(({ tasks }) => tasks.running === 0);
    lastProgress = progress;
    if (!stands || isAsking || now.every(hasEnded)) return;
    isAsking = true;
    const sentence = await why().catch((error: Error) => error.message);
    isAsking = false;
    if (sentence !== undefined && sentence !== lastSentence)
      log(`nothing has run for ${patienceMs / 1000} s: ${sentence}`);
    lastSentence = sentence;
  };
  const timer = setInterval(() => void look(), patienceMs);
  return { stop: () => clearInterval(timer) };
}
