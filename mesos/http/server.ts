/**
 * An HTTP/1.1 server for connections that somebody else accepts: who it serves, what it takes, and how answers leave. It never
 * waits for a slow reader or sender with anything that others need.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Authenticator } from './authentication.ts';
import { type Answer, type Endpoint, Refusal, type Request, text } from './exchange.ts';

/** How a server behaves. */
export interface HttpOptions {
  /** Endpoints by path. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Asked for a path that none of the endpoints has. */
  readonly otherwise?: (path: string) => Endpoint | undefined;
  /** Prefixes that may stand before every path, e.g. `/master`. */
  readonly prefixes: readonly string[];
  readonly authenticate: Authenticator;
  /** Paths that anybody may ask for. */
  readonly isPublic: (path: string) => boolean;
  /** Host names by which the server may be called if nobody has to authenticate; default: any. */
  readonly hosts?: ReadonlySet<string>;
  /** Largest body of a request; default 32 MiB. */
  readonly bodyBytesMax?: number;
  /** A request that has not come whole by then is given up; default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly log: (line: string) => void;
}

/** A server. */
export interface HttpServer {
  /** Serves a connection; `certificateName`: the name that its certificate proves. */
  take(socket: Socket, certificateName?: string): void;
  /** Ends all connections. */
  close(): void;
}

const BODY_BYTES_MAX = 32 << 20;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADER_BYTES_MAX = 16 << 10;
/** Smaller answers are not worth the work. */
const GZIP_BYTES_MIN = 1024;
const zipped = promisify(gzip);

/** Makes a server. */
export function httpServer(options: HttpOptions): HttpServer {
  const certificateNames = new WeakMap<Socket, string>();
  const sockets = new Set<Socket>();
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: Math.min(requestTimeout, 10_000),
      connectionsCheckingInterval: Math.min(requestTimeout, 1_000),
      keepAliveTimeout: 75_000,
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
    },
    (incoming, response) => {
      response.on('error', () => {});
      const name = certificateNames.get(incoming.socket);
      void serve(incoming, response, name, options).catch((error: Error) => {
        options.log(`a request of ${incoming.method} ${incoming.url} failed: ${error.stack}`);
        response.destroy();
      });
    },
  );
  // It never listens itself; this is when it begins to look after slow senders.
  server.emit('listening');
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || socket.destroyed) {
      socket.destroy();
      return;
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return {
    take(socket, certificateName) {
      if (certificateName !== undefined) certificateNames.set(socket, certificateName);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      server.emit('connection', socket);
    },
    close() {
      server.close(() => {});
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  certificateName: string | undefined,
  options: HttpOptions,
): Promise<void> {
  let answer: Answer;
  try {
    const { request, endpoint } = read(incoming, certificateName, options);
    answer = await endpoint(request);
  } catch (error) {
    if (!(error instanceof Refusal)) {
      options.log(`${incoming.method} ${incoming.url} failed: ${(error as Error).stack}`);
      answer = text(500, 'Something is wrong in this process; its log says what');
    } else answer = text(error.status, error.message, error.headers);
  }
  if (response.destroyed) return;
  // What is left of a body that nobody has read would be taken for the next request.
  if (!incoming.complete && hasBody(incoming) && !('takeOver' in answer)) {
    response.setHeader('Connection', 'close');
    incoming.resume();
  }
  await send(incoming, response, answer);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function read(
  incoming: IncomingMessage,
  certificateName: string | undefined,
  options: HttpOptions,
): { readonly request: Request; readonly endpoint: Endpoint } {
  const { method = 'GET', url: target = '/', headers } = incoming;
  const question = target.indexOf('?');
  const whole = question < 0 ? target : target.slice(0, question);
  const path = withoutPrefix(whole, options.prefixes);
  refuseOtherSites(headers, options);
  const verdict = options.authenticate(headers.authorization, certificateName);
  if (verdict.is === 'unknown' && !options.isPublic(path))
    throw new Refusal(
      401,
      'Who are you? Give the name and secret of a principal, or a token',
      verdict.challenge === '' ? {} : { 'WWW-Authenticate': verdict.challenge },
    );
  const endpoint = options.endpoints.get(path) ?? options.otherwise?.(path);
  if (endpoint === undefined) throw new Refusal(404, `There is nothing at ${path.slice(0, 200)}`);
  const request: Request = {
    method,
    path,
    target,
    query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
    headers,
    principal: verdict.is === 'known' ? verdict.principal : undefined,
    body: () => bodyOf(incoming, options.bodyBytesMax ?? BODY_BYTES_MAX),
  };
  return { request, endpoint };
}

function withoutPrefix(path: string, prefixes: readonly string[]): string {
  for (const prefix of prefixes) {
    if (path === prefix) return '/';
    if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  }
  return path;
}

/** A page of another site must not command the cluster through the browser of who looks at it. */
function refuseOtherSites(headers: IncomingMessage['headers'], { hosts }: HttpOptions): void {
  const { host = '', origin } = headers;
  if (hosts !== undefined && !hosts.has(hostname(host)))
    throw new Refusal(
      403,
      `This process is not called '${host.slice(0, 200)}'; without authentication it answers to its own names only`,
    );
  const isElsewhere = origin !== undefined && origin !== 'null' && !origin.endsWith(`//${host}`);
  if (isElsewhere || origin === 'null' || headers['sec-fetch-site'] === 'cross-site')
    throw new Refusal(403, 'Requests from pages of other sites are refused');
}

function hostname(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

async function bodyOf(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const tooLarge = (): Refusal =>
    new Refusal(413, `A request may have at most ${bytesMax} bytes; send less at a time`);
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'The request broke off');
  }
  return Buffer.concat(chunks, bytes);
}

async function send(incoming: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if ('takeOver' in answer) return answer.takeOver(response);
  const isHead = incoming.method === 'HEAD';
  if ('pieces' in answer) {
    response.writeHead(200, answer.headers);
    if (isHead) {
      response.end();
      return;
    }
    return pour(answer.pieces, response);
  }
  const { status, headers = {}, body = '' } = answer;
  const isPacked = headers['Content-Encoding'] !== undefined;
  const takesGzip = !isPacked && /\bgzip\b/.test(`${incoming.headers['accept-encoding'] ?? ''}`);
  if (takesGzip && body.length >= GZIP_BYTES_MIN) {
    const packed = await zipped(body);
    if (response.destroyed) return;
    response.writeHead(status, { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': packed.length });
    response.end(isHead ? undefined : packed);
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(isHead ? undefined : body);
}

/** Sends pieces as fast as the reader takes them. */
async function pour(pieces: AsyncIterable<string | Uint8Array>, response: ServerResponse): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece) && !(await drained(response))) return;
  }
  response.end();
}

/** False: the reader is gone. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (isThere: boolean) => (): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(isThere);
    };
    const onDrain = done(true);
    const onClose = done(false);
    response.on('drain', onDrain);
    response.on('close', onClose);
  });
}
