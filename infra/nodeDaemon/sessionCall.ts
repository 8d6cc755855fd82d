/** One connection that carries a session, at the controller. */
import { createConnection } from 'node:net';
import { type Channel, MachineError } from './channel.ts';
import { decode, encode, type News, newsSchema, type Order } from './protocol.ts';
import type { DaemonRecord } from './record.ts';

/** What is told of a connection. */
export interface SessionCallEvents {
  news(news: News): void;
  /** It carries no more. Called once, unless it was cancelled. */
  gone(why: MachineError): void;
}

/** A connection that is made, or there. */
export interface SessionCall {
  say(order: Order): void;
  cancel(): void;
}

/**
 * Finds out whether anybody listens; calls back with what is wrong, or nothing. gRPC would go on trying to connect to a machine that is
 * silent, and keep this process from ending, for minutes. Returns a way to cancel.
 */
export function knock(
  { name, ip, port }: DaemonRecord,
  limitMs: number,
  knocked: (failure: MachineError | undefined) => void,
): () => void {
  const socket = createConnection({ host: ip, port, timeout: limitMs });
  const end = (failure?: MachineError): void => {
    socket.removeAllListeners().on('error', () => {});
    socket.destroy();
    knocked(failure);
  };
  const fail = (why: string, isUnreachable: boolean): void => end(new MachineError(name, why, isUnreachable));
  socket.once('connect', () => end());
  socket.once('timeout', () => fail(`nothing answers at ${ip}:${port}`, true));
  socket.once('error', (error: NodeJS.ErrnoException) => {
    // Nobody is there to be found later: a daemon that ends takes all with it, and another one knows nothing of us.
    if (error.code === 'ECONNREFUSED') fail(`no daemon listens on ${ip}:${port}; has it ended?`, false);
    else fail(`no network leads to ${ip}:${port}: ${error.message}`, true);
  });
  return () => {
    socket.removeAllListeners().on('error', () => {});
    socket.destroy();
  };
}

/** Begins to carry a session. It is gone if it is not welcome in time. */
export function callDaemon(
  machine: string,
  channel: Channel,
  hello: Extract<Order, { order: 'hello' }>,
  limitMs: number,
  events: SessionCallEvents,
): SessionCall {
  const call = channel.session();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearTimeout(limit);
    call.cancel();
  };
  const gone = (why: MachineError): void => {
    if (isOver) return;
    end();
    events.gone(why);
  };
  const limit = setTimeout(
    () => gone(new MachineError(machine, 'its daemon does not answer', true)),
    limitMs,
  );
  call.on('error', (error) => gone(channel.failure(error)));
  call.on('end', () => gone(new MachineError(machine, 'its daemon has hung up', true)));
  call.on('data', (bytes: Buffer) => {
    if (isOver) return;
    const news = read(bytes);
    if (news === undefined) return gone(new MachineError(machine, 'its daemon says what is no news', false));
    clearTimeout(limit);
    events.news(news);
  });
  call.write(encode(hello));
  return { say: (order) => void call.write(encode(order)), cancel: end };
}

function read(bytes: Buffer): News | undefined {
  try {
    return decode(newsSchema, bytes);
  } catch {
    return undefined;
  }
}
