/** For tests: an HTTP server that stands behind the port of a wire runtime. */
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { RequestOptions } from 'node:https';
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { endLater, within } from './testProbe.ts';
import type { HttpConnection } from './wire.ts';

/** A server, and the connections that it was given. */
export interface HttpBehind {
  readonly server: Server;
  readonly connections: HttpConnection[];
  readonly onHttp: (connection: HttpConnection) => void;
}

/** Starts a server; by default it answers with method, path and body. */
export function httpBehind(serve: RequestListener = echo): HttpBehind {
  const server = createServer(serve);
  const connections: HttpConnection[] = [];
  return {
    server,
    connections,
    onHttp: (connection) => {
      connections.push(connection);
      server.emit('connection', connection.socket);
    },
  };
}

async function echo(asked: IncomingMessage, answer: Parameters<RequestListener>[1]): Promise<void> {
  try {
    answer.end(`${asked.method} ${asked.url} ${await text(asked)}`);
  } catch {
    answer.destroy();
  }
}

/** What came back of a request. */
export interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Asks in clear, or, with `ask` of `node:https`, with TLS. */
export function ask(options: RequestOptions, body?: string, by = request): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    const asked = by({ host: '127.0.0.1', agent: false, ...options }, (answer) => {
      text(answer).then((all) => resolve({ status: answer.statusCode, body: all }), reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
  return within('an answer over HTTP', answered);
}

/** A plain connection, and what came over it. */
export interface PlainConnection {
  readonly socket: Socket;
  /** Resolves with all that came when it is closed. */
  closed(): Promise<string>;
  /** Resolves when what came contains that. */
  until(part: string): Promise<void>;
}

/** Notes what comes over a connection; by default one in clear that is made for it. */
export function plainConnection(
  port: number,
  socket: Socket = createConnection({ port, host: '127.0.0.1', noDelay: true }),
): PlainConnection {
  let came = '';
  let happened = (): void => {};
  endLater(() => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    came += bytes.toString('latin1');
    happened();
  });
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(came)));
  return {
    socket,
    closed: () => within('the connection to be closed', closed),
    until: (part) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      happened = () => {
        if (came.includes(part)) resolve();
      };
      happened();
      return within(`'${part}' to come`, promise);
    },
  };
}
