/** Asking a namenode. */
import * as v from 'valibot';
import type { Clock } from '../../mesos/driver/actor.ts';
import { type FileClient, FileServerError } from '../files/fileClient.ts';
import { DfsError, REFUSAL_STATUS, type RefusalKind } from './dfsRefusal.ts';
import { ANSWERS, type Answer, type Call } from './nameNodeCalls.ts';

/** How to reach a namenode. */
export interface NameNodeClientOptions {
  /** `http://host:port`. */
  readonly url: string;
  readonly client: FileClient;
  /** By which it waits for a namenode that is being started again; absent: it does not. */
  readonly clock?: Pick<Clock, 'now' | 'after'> | undefined;
  /** For how long, in all, it waits in one call, also for an answer that does not come; no attempt begins later. Default 60 s. */
  readonly patienceMs?: number | undefined;
}

const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Asks a namenode. Rejects with a {@link DfsError}. */
export async function askNameNode<C extends Call>(
  { url, client, clock, patienceMs = PATIENCE_MS }: NameNodeClientOptions,
  call: C,
): Promise<Answer<C['call']>> {
  const startMs = clock?.now() ?? 0;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      const answer = v.safeParse(ANSWERS[call.call], await client.post(`${url}/call`, call));
      if (answer.success) return answer.output as Answer<C['call']>;
      const what = `its answer to '${call.call}' cannot be understood`;
      throw new DfsError('failed', `${url} is no namenode of this version: ${what}.`);
    } catch (error) {
      const failure = failureOf(url, error);
      if (clock === undefined || !failure.mayPass || clock.now() - startMs >= patienceMs) throw failure.error;
    }
    await wait(clock, waitMs);
  }
}

/** Resolves after so long. */
export function wait(clock: Pick<Clock, 'after'>, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

function failureOf(url: string, error: unknown): { readonly error: DfsError; readonly mayPass: boolean } {
  if (error instanceof DfsError) return { error, mayPass: false };
  if (!(error instanceof FileServerError)) throw error;
  const { status, explanation } = error;
  if (status === undefined) {
    const why = ((error.cause as Error | undefined)?.message ?? error.message).replace(/\.$/, '');
    const message = `The namenode at ${url} cannot be reached: ${why}.`;
    return { error: new DfsError('failed', message, error), mayPass: true };
  }
  const kind = Object.keys(REFUSAL_STATUS).find((name) => REFUSAL_STATUS[name as RefusalKind] === status);
  const refusal = new DfsError((kind as RefusalKind | undefined) ?? 'failed', explanation ?? error.message);
  return { error: refusal, mayPass: refusal.kind === 'not-yet' };
}
