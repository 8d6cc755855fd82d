/** When the job of a framework that runs alone is submitted, as its history tells. */
import { pause } from '../../infra/wallClock.ts';

const LOOK_MS = 5;

/**
 * Resolves when a history tells of a job that was submitted, or when its process has ended, whichever comes first. `read` gives the history
 * so far, and rejects as long as there is none.
 */
export async function submission(
  read: () => Promise<string>,
  ended: Promise<unknown>,
  rest: (ended: AbortSignal) => Promise<void> = (stopping) => pause(LOOK_MS, stopping),
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  ended.then(end, end);
  while (!over.signal.aborted) {
    const history = await read().catch(() => '');
    if (history.includes('"event":"job-submitted"')) return;
    await rest(over.signal).catch(() => {});
  }
}
