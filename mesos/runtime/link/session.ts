/** What both ends of a connection ask of its HTTP/2: how much may be under way, and a sign of life now and then. */
import type { Http2Session } from 'node:http2';
import type { Millis } from '../actor.ts';

/**
 * How much may be under way on a link, to the end that was dialled, that it has not read yet. HTTP/2 allows 64 KiB unless one says
 * otherwise; between two processes with much to do, each of which reads once in a turn of its event loop, that is a link's speed: 64 KiB a
 * turn. This is a second of a busy link.
 *
 * The end that dialled allows less ({@link Window}): while Node waits for a connection to take what it writes, it does not read from it.
 * If both ends had more under way than the system holds for a connection, each would wait for the other to read, for ever.
 */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** How much may be under way to the end that dialled. */
export interface Window {
  /** In bytes; the system must hold as many for a connection whose reader does not read. */
  readonly dialledWindowBytes: number;
}

/** Node ends streams of a session that holds more than this (in MB), 10 by default; what links may hold is bounded elsewhere. */
export const SESSION_MEMORY_MAX_MB = Number.MAX_SAFE_INTEGER;

/** Widens the window of a call that came in; strangers keep the 64 KiB. */
export function widenWindow(session: Http2Session): void {
  session.settings({ initialWindowSize: WINDOW_BYTES });
  session.setLocalWindowSize(WINDOW_BYTES);
}

/** How the other end is asked for signs of life. */
export interface Keepalive {
  /** A ping is sent after this time without one. */
  readonly keepaliveMs: Millis;
  /** The other end is dead if a ping is not answered in this time. */
  readonly keepaliveTimeoutMs: Millis;
}

/** Sends pings over a session until it is closed. `dead` is called once if one is not answered. */
export function keepAlive(
  session: Http2Session,
  { keepaliveMs, keepaliveTimeoutMs }: Keepalive,
  dead: () => void,
): void {
  let timer: NodeJS.Timeout;
  const rest = (): void => {
    timer = setTimeout(ping, keepaliveMs);
  };
  const ping = (): void => {
    if (session.destroyed) return;
    timer = setTimeout(dead, keepaliveTimeoutMs);
    session.ping((error) => {
      clearTimeout(timer);
      if (error === null) rest();
    });
  };
  rest();
  session.once('close', () => clearTimeout(timer));
}
