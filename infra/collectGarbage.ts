/** What a process holds that nobody needs any more, given back. */
import { Session } from 'node:inspector/promises';

/**
 * Collects all garbage of this thread, and gives back the room that it was in. Who has made much and then only waits would keep it: a
 * process that allocates nothing collects nothing. The process stands still meanwhile, the longer the more lives in it.
 */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
