/** HTTP/1 on the port of the links: it is spoken by somebody else, who is given the connections. */
import type { Socket } from 'node:net';
import type { Security } from './caller.ts';

/**
 * A connection that speaks HTTP/1, for `server.emit('connection', socket)` of an `http.Server`. Nothing has been proved on
 * it but what its certificate says, and nothing of it has been read. A server that does not listen itself heeds its
 * `headersTimeout` and `requestTimeout` only after `server.emit('listening')`.
 */
export interface HttpConnection {
  /** A TLSSocket if it speaks TLS. It has a listener for errors; whoever takes it must end it. */
  readonly socket: Socket;
  /** What is known of the other end. */
  readonly certificate: Security;
}

/** Takes a connection that speaks HTTP/1. Must not throw. */
export type TakeHttp = (connection: HttpConnection) => void;

/** Why a connection is not taken, as the status of an answer. */
export type HttpRefusal = '403 Forbidden' | '404 Not Found' | '503 Service Unavailable';

/** Answers what it has not read, in one sentence, and ends the connection. */
export function answerHttp(socket: Socket, status: HttpRefusal, why: string): void {
  const body = `${why}\n`;
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // What it says must be read to its end: otherwise its system may throw the answer away.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
