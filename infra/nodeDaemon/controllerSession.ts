/**
 * A session, at its controller: orders are given exactly once, also when the connection breaks and is made again. When the machine is
 * silent for too long it is lost, and all that ran on it: its daemon ends it.
 */
import { randomUUID } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type Channel, MachineError } from './channel.ts';
import { BEAT_MS, decode, encode, type News, newsSchema, type Order } from './protocol.ts';

/** What is carried by a session. */
export interface SessionEvents {
  /** What the daemon tells of processes. */
  news(news: Exclude<News, { news: 'welcome' | 'beat' | 'ended' }>): void;
  /** What the controller knows of processes, for a connection that is made anew. */
  known(): Pick<Extract<Order, { order: 'hello' }>, 'seen' | 'awaited'>;
  /** The session is over, whether the controller ended it or not. Called once. */
  over(why: MachineError): void;
}

/** An order that is remembered until it was taken. */
export type GivenOrder = Exclude<Order, { order: 'hello' | 'beat' }>;

/** An open session. */
export interface ControllerSession {
  /** Unique; names of processes may begin with it. */
  readonly id: string;
  /** For calls beside the session; throws if the session is over. */
  channel(): Channel;
  give(order: GivenOrder): void;
  /** Resolves when the machine is connected; rejects if the session is over. */
  connected(): Promise<void>;
  /** Ends all processes of the session, and it. Resolves when they have ended, or the machine is lost. */
  end(): Promise<void>;
}

/** Pause before a connection is made anew. */
const RETRY_PAUSE_MS = 100;
/** The daemon takes so much longer than the silence until it has surely ended everything. */
const LOST_MARGIN_MS = 1_000;

/** Begins a session. Rejects with one sentence if the machine does not answer, or does not know us. */
export async function beginSession(
  machine: string,
  open: () => Channel,
  silenceMs: number,
  events: SessionEvents,
): Promise<ControllerSession> {
  const id = randomUUID();
  /** Orders that have not been taken; the first is number `taken`. */
  const untaken: GivenOrder[] = [];
  let taken = 0;
  let channel = open();
  let call: ClientDuplexStream<Buffer, Buffer> | undefined;
  let heardMs = performance.now();
  let over: MachineError | undefined;
  /** Ends an attempt that is not welcomed. */
  let limit: NodeJS.Timeout | undefined;
  const ended = Promise.withResolvers<void>();
  let hasBegun = false;
  let first = Promise.withResolvers<void>();
  first.promise.catch(() => {});

  const write = (order: Order): void => void call?.write(encode(order));

  function finish(why: MachineError): void {
    if (over !== undefined) return;
    over = why;
    clearInterval(timer);
    clearTimeout(limit);
    call?.cancel();
    channel.close();
    first.reject(why);
    events.over(why);
    ended.resolve();
  }

  function connect(): void {
    const attempt = channel.session();
    let isWelcome = false;
    attempt.on('data', (bytes: Buffer) => {
      if (over !== undefined) return;
      heardMs = performance.now();
      const news = read(bytes);
      if (news === undefined) return finish(new MachineError(machine, 'it says what is no news', false));
      switch (news.news) {
        case 'welcome':
          if (hasBegun && news.isNew)
            return finish(new MachineError(machine, 'its daemon has ended our session', false));
          hasBegun = true;
          isWelcome = true;
          clearTimeout(limit);
          call = attempt;
          forget(news.taken);
          for (const order of untaken) write(order);
          return first.resolve();
        case 'beat':
          return forget(news.taken);
        case 'ended':
          return finish(new MachineError(machine, 'the session is over', false));
        default:
          return events.news(news);
      }
    });
    let isOver = false;
    const gone = (error: Error): void => {
      if (isOver || over !== undefined) return;
      isOver = true;
      clearTimeout(limit);
      if (call === attempt) call = undefined;
      const failure = channel.failure(error);
      if (!hasBegun) return finish(failure);
      if (!failure.isUnreachable) return finish(failure);
      channel.close();
      if (isWelcome) {
        first = Promise.withResolvers();
        first.promise.catch(() => {});
      }
      setTimeout(() => {
        if (over !== undefined) return;
        channel = open();
        connect();
      }, RETRY_PAUSE_MS);
    };
    attempt.on('error', gone);
    attempt.on('end', () => gone(Object.assign(new Error('closed'), { code: 14, details: 'it hung up' })));
    limit = setTimeout(() => {
      gone(Object.assign(new Error('silence'), { code: 14, details: `no answer in ${silenceMs} ms` }));
      attempt.cancel();
    }, silenceMs);
    attempt.write(encode({ order: 'hello', session: id, silenceMs, ...events.known() } satisfies Order));
  }

  function forget(known: number): void {
    untaken.splice(0, Math.max(0, known - taken));
    taken = Math.max(taken, known);
  }

  const timer = setInterval(
    () => {
      if (hasBegun && performance.now() - heardMs > silenceMs + LOST_MARGIN_MS)
        return finish(new MachineError(machine, `lost: nothing was heard of it for ${silenceMs} ms`, true));
      write({ order: 'beat' });
    },
    Math.min(BEAT_MS, silenceMs / 4),
  );
  connect();
  await first.promise;

  const give = (order: GivenOrder): void => {
    if (over !== undefined) return;
    untaken.push(order);
    write(order);
  };
  return {
    id,
    channel() {
      if (over !== undefined) throw over;
      return channel;
    },
    give,
    connected: () => (over === undefined ? first.promise : Promise.reject(over)),
    end() {
      give({ order: 'end' });
      return over === undefined ? ended.promise : Promise.resolve();
    },
  };
}

function read(bytes: Buffer): News | undefined {
  try {
    return decode(newsSchema, bytes);
  } catch {
    return undefined;
  }
}
