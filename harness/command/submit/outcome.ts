/** What comes of a submission. */
import { CommandError, EXIT } from '../exit.ts';
import type { Summary } from '../frameworks.ts';

/** What has come of it, when all is well. */
export interface Ran {
  /** Of the job, as its framework tells it. */
  readonly result: unknown;
  readonly frameworkId: string;
}

/** Jobs that have ended otherwise than they should. */
export function notFinished(jobs: Summary['jobs']): CommandError {
  const words = jobs.map(({ id, outcome, message }) =>
    outcome === 'deleted' ? `job ${id} was deleted` : `job ${id} failed: ${message ?? 'no reason given'}`,
  );
  return new CommandError(words.join('; '), EXIT.failed);
}
