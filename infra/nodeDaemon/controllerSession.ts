/**
 * A session, at its controller: orders are given exactly once, also when the connection breaks and is made again. When the machine is
 * silent for too long it is lost, and all that ran on it: its daemon ends it.
 */
import { randomUUID } from 'node:crypto';
import { type Channel, MachineError } from './channel.ts';
import { BEAT_MS, type News, type Order } from './protocol.ts';
import type { Route } from './route.ts';
import { callDaemon, type SessionCall } from './sessionCall.ts';

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
  route: Route,
  open: () => Channel,
  silenceMs: number,
  events: SessionEvents,
): Promise<ControllerSession> {
  const id = randomUUID();
  /** Orders that have not been taken; the first is number `taken`. */
  const untaken: GivenOrder[] = [];
  let taken = 0;
  let channel: Channel | undefined;
  /** Set when it is welcome. */
  let carrier: SessionCall | undefined;
  let cancel: () => void = () => {};
  let heardMs = performance.now();
  let hasBegun = false;
  let over: MachineError | undefined;
  let connected = silent<void>();
  const ended = Promise.withResolvers<void>();

  function finish(why: MachineError): void {
    if (over !== undefined) return;
    over = why;
    clearInterval(timer);
    cancel();
    channel?.close();
    connected.reject(why);
    events.over(why);
    ended.resolve();
  }

  function connect(): void {
    cancel = route.knock(silenceMs, (failure) => {
      if (failure !== undefined) return gone(failure);
      channel = open();
      const hello = { order: 'hello', session: id, silenceMs, ...events.known() } as const;
      const call = callDaemon(machine, channel, hello, silenceMs, {
        gone,
        news: (news) => hear(news, call),
      });
      cancel = call.cancel;
    });
  }

  function hear(news: News, call: SessionCall): void {
    heardMs = performance.now();
    switch (news.news) {
      case 'welcome':
        if (hasBegun && news.isNew)
          return finish(new MachineError(machine, 'its daemon has ended our session', false));
        hasBegun = true;
        carrier = call;
        forget(news.taken);
        for (const order of untaken) call.say(order);
        return connected.resolve();
      case 'beat':
        return forget(news.taken);
      case 'ended':
        return finish(new MachineError(machine, 'the session is over', false));
      default:
        return events.news(news);
    }
  }

  function gone(why: MachineError): void {
    if (!hasBegun || !why.isUnreachable) return finish(why);
    channel?.close();
    if (carrier !== undefined) connected = silent<void>();
    carrier = undefined;
    const retry = setTimeout(connect, RETRY_PAUSE_MS);
    cancel = () => clearTimeout(retry);
  }

  function forget(known: number): void {
    untaken.splice(0, Math.max(0, known - taken));
    taken = Math.max(taken, known);
  }

  function give(order: GivenOrder): void {
    if (over !== undefined) return;
    untaken.push(order);
    carrier?.say(order);
  }

  const timer = setInterval(
    () => {
      carrier?.say({ order: 'beat' });
      if (hasBegun && performance.now() - heardMs > silenceMs + LOST_MARGIN_MS)
        finish(new MachineError(machine, `lost: nothing was heard of it for ${silenceMs} ms`, true));
    },
    Math.min(BEAT_MS, silenceMs / 4),
  );
  connect();
  await connected.promise;

  return {
    id,
    channel() {
      if (over !== undefined) throw over;
      if (channel === undefined) throw new MachineError(machine, 'it is not connected', true);
      return channel;
    },
    give,
    connected: () => (over === undefined ? connected.promise : Promise.reject(over)),
    end() {
      give({ order: 'end' });
      return over === undefined ? ended.promise : Promise.resolve();
    },
  };
}

/** A promise that nobody has to look at. */
function silent<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => {});
  return made;
}
