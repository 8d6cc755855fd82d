/** One connection that carries a session, at the controller. */
import { type Channel, MachineError } from './channel.ts';
import { decode, encode, type News, newsSchema, type Order } from './protocol.ts';

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
