/** When the job of a framework that runs alone is submitted, as its history tells. */
import { setTimeout as after } from 'node:timers/promises';

const LOOK_MS = 5;

/**
 * Resolves when a history tells of a job that was submitted, or when its process has ended, which comes first. `read` gives the history so
 * far, and rejects as long as there is none.
 */
export async function submission(
  read: () => Promise<string>,
  ended: Promise<unknown>,
  pause: () => Promise<unknown> = () => after(LOOK_MS),
): Promise<void> {
  let isOver = false;
  const over = ended.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  while (!isOver) {
    const history = await read().catch(() => '');
    if (history.includes('"event":"job-submitted"')) return;
    await Promise.race([pause(), over]);
  }
}
