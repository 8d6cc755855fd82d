/** The stream of the master's events: it is opened, read, watched, and opened again when it breaks. */
import type { Event } from '../../v1/masterAnswers.ts';
import { reachable, troubleText } from './ask.ts';
import { after, type Millis, now } from './clock.ts';
import { readRecords } from './records.ts';
import type { Link } from './topics.ts';

/** Who is told of a stream. */
export interface StreamListener {
  link(link: Link): void;
  event(event: Event): void;
}

/** A stream that is kept open. */
export interface Stream {
  /** Opens it, or opens it anew, as somebody else. */
  connect(authorization: string | undefined): void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
/** Until the master says how often it is heard of. */
const HEARTBEAT_S = 15;
/** So many heartbeats may be missed. */
const MISSED_MAX = 2.5;

/** How an attempt ended. */
type End =
  | { readonly is: 'broken'; readonly why: string }
  | { readonly is: 'standby' }
  | { readonly is: 'locked'; readonly schemes: readonly string[] };

/** Makes a stream; it is opened with `connect`. */
export function openStream(listener: StreamListener): Stream {
  let attempt = 0;
  let cancel = (): void => {};
  let heardMs: Millis | undefined;
  let failures = 0;

  async function run(mine: number, authorization: string | undefined): Promise<void> {
    const aborted = new AbortController();
    cancel = () => aborted.abort();
    listener.link({ is: 'connecting' });
    const end = await listen(authorization, aborted, {
      link: (link) => {
        if (mine === attempt) listener.link(link);
      },
      event: (event) => {
        if (mine !== attempt) return;
        heardMs = now();
        failures = 0;
        listener.event(event);
      },
    });
    aborted.abort();
    if (mine === attempt) settle(end, authorization);
  }

  function settle(end: End, authorization: string | undefined): void {
    switch (end.is) {
      case 'standby':
        return listener.link(end);
      case 'locked':
        return listener.link({ ...end, isWrong: authorization !== undefined });
      case 'broken': {
        const delayMs = Math.min(FIRST_RETRY_MS * 2 ** failures++, LAST_RETRY_MS);
        listener.link({ is: 'lost', why: end.why, sinceMs: heardMs, retryMs: now() + delayMs });
        cancel = after(delayMs, () => connect(authorization));
        return;
      }
      default:
        return end satisfies never;
    }
  }

  function connect(authorization: string | undefined): void {
    cancel();
    void run(++attempt, authorization);
  }
  return { connect };
}

/** One attempt, until it ends. */
async function listen(
  authorization: string | undefined,
  aborted: AbortController,
  listener: StreamListener,
): Promise<End> {
  let stopWatch = (): void => {};
  let why: string | undefined;
  const watch = (heartbeatS: number): void => {
    stopWatch();
    stopWatch = after(heartbeatS * MISSED_MAX * 1000, () => {
      why = 'the master has not been heard of for too long';
      aborted.abort();
    });
  };
  try {
    watch(HEARTBEAT_S);
    const response = await subscribe(authorization, aborted.signal);
    const refusal = await refusalOf(response);
    if (refusal !== undefined) return refusal;
    await read(response, listener, watch);
    return { is: 'broken', why: 'the master has ended the stream' };
  } catch (error) {
    return { is: 'broken', why: why ?? troubleText(error) };
  } finally {
    stopWatch();
  }
}

function subscribe(authorization: string | undefined, signal: AbortSignal): Promise<Response> {
  return reachable('/api/v1', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    body: '{"type":"SUBSCRIBE"}',
    // The browser must not ask for a password itself, nor follow a standby to where it may not read.
    credentials: 'omit',
    redirect: 'manual',
    cache: 'no-store',
    signal,
  });
}

/** Undefined: it is a stream. */
async function refusalOf(response: Response): Promise<End | undefined> {
  if (response.type === 'opaqueredirect') return { is: 'standby' };
  if (response.status === 401)
    return { is: 'locked', schemes: schemesIn(response.headers.get('www-authenticate')) };
  if (!response.ok) {
    const text = (await response.text()).slice(0, 300);
    return { is: 'broken', why: text === '' ? `the master answered with status ${response.status}` : text };
  }
  return undefined;
}

function schemesIn(challenge: string | null): readonly string[] {
  return ['Basic', 'Bearer'].filter((scheme) => challenge?.includes(`${scheme} `));
}

async function read(
  response: Response,
  listener: StreamListener,
  watch: (heartbeatS: number) => void,
): Promise<void> {
  const records = readRecords();
  let heartbeatS = HEARTBEAT_S;
  let isLive = false;
  for await (const piece of piecesOf(response)) {
    watch(heartbeatS);
    for (const text of records.push(piece)) {
      const event = JSON.parse(text) as Event;
      if (event.subscribed !== undefined)
        heartbeatS = event.subscribed.heartbeat_interval_seconds ?? HEARTBEAT_S;
      listener.event(event);
      if (isLive) continue;
      isLive = true;
      listener.link({ is: 'live' });
    }
    const { progress } = records;
    if (!isLive && progress !== undefined) listener.link({ is: 'loading', ...progress });
  }
}

async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? error : new Error('the connection to the master broke');
  }
}
