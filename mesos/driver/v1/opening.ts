/** How the stream of a scheduler's events is opened: one master after the other is asked, and those that do not lead say who does. */
import type { IncomingMessage } from 'node:http';
import { type HttpClient, inWords } from './httpClient.ts';
import { redirectTarget } from './url.ts';

/** A stream that was opened. */
export interface Opened {
  /** Where calls go. */
  readonly url: URL;
  readonly answer: IncomingMessage;
  /** Goes with each call. */
  readonly streamId: string | undefined;
}

/** How masters are asked. */
export interface Ask extends Pick<HttpClient, 'textOf'> {
  post(url: URL): Promise<IncomingMessage>;
}

/** A master does not want the call, and will not later. */
export class CallRefused extends Error {}

/** Most masters that one leads to, the next leading to another, and so on. */
const REDIRECTS_MAX = 5;
/** Longest id of a stream. */
const STREAM_ID_LENGTH_MAX = 128;
/** What passes: a master that starts, or is told to wait. */
const PASSING = new Set([404, 408, 429]);

/** Asks until one answers with a stream. Rejects with one sentence, a {@link CallRefused} if there is no use in trying again. */
export async function openStream(masters: readonly URL[], ask: Ask): Promise<Opened> {
  if (masters.length === 0) throw new Error('no master is known that leads');
  const troubles: string[] = [];
  for (const master of masters) {
    try {
      return await follow(master, ask);
    } catch (error) {
      const trouble = `${master.origin}: ${(error as Error).message}`;
      if (error instanceof CallRefused) throw new CallRefused(trouble);
      troubles.push(trouble);
    }
  }
  throw new Error(troubles.join('; '));
}

async function follow(master: URL, { post, textOf }: Ask): Promise<Opened> {
  let url = master;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const answer = await post(url);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) {
      const streamId = `${headers['mesos-stream-id'] ?? ''}`.slice(0, STREAM_ID_LENGTH_MAX);
      return { url, answer, streamId: streamId === '' ? undefined : streamId };
    }
    const words = inWords(answer, await textOf(answer));
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && location !== undefined) url = redirectTarget(location, url);
    else if (statusCode >= 400 && statusCode < 500 && !PASSING.has(statusCode)) throw new CallRefused(words);
    else throw new Error(words);
  }
  throw new Error(`it leads to another master, and that to another, more than ${REDIRECTS_MAX} times`);
}
