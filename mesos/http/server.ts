/**
 * An HTTP/1.1 server for connections that somebody else accepts: who it serves, what it takes, and how answers leave. It never
 * waits for a slow reader or sender with anything that others need.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createServer } from '../runtime/nodeHttp.ts';
import type { Authenticator } from './authentication.ts';
import { type BodyReader, bodyReader } from './body.ts';
import { drained } from './drain.ts';
import { type Answer, type Endpoint, Refusal, type Request, takesGzip, text } from './exchange.ts';

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
  /** Whose pages, by their origin (`http://host:port`), may read here, beside its own; default: nobody's. */
  readonly isFriend?: (origin: string) => boolean;
  /** Largest body of a request; default 32 MiB. */
  readonly bodyBytesMax?: number;
  /** Bytes of requests that are on their way, of all connections together; default 256 MiB. */
  readonly bodiesBytesMax?: number;
  /** A request that has not come whole by then is given up; default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly log: (line: string) => void;
}

type Settings = HttpOptions & { readonly readBody: BodyReader };

/** A server. */
export interface HttpServer {
  /** Serves a connection; `certificateName`: the name that its certificate proves. */
  take(socket: Socket, certificateName?: string): void;
  /** Ends all connections. */
  close(): void;
}

const BODY_BYTES_MAX = 32 << 20;
const BODIES_BYTES_MAX = 256 << 20;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADER_BYTES_MAX = 16 << 10;
/** Who has said nothing for so long is probed, so that streams to machines that are gone end. */
const KEEP_ALIVE_MS = 30_000;
/** How long a browser may remember that it may read here. */
const PREFLIGHT_SECONDS = 600;
/** Smaller answers are not worth the work. */
const GZIP_BYTES_MIN = 1024;
const zipped = promisify(gzip);

/** Makes a server. */
export function httpServer(options: HttpOptions): HttpServer {
  const readBody = bodyReader({
    bytesMax: options.bodyBytesMax ?? BODY_BYTES_MAX,
    allBytesMax: options.bodiesBytesMax ?? BODIES_BYTES_MAX,
  });
  const settings: Settings = { ...options, readBody };
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
      void serve(incoming, response, name, settings).catch((error: Error) => {
        options.log(`a request of ${incoming.method} ${incoming.url} failed: ${error.stack}`);
        response.destroy();
      });
    },
  );
  // It never listens itself; this is when it begins to look after slow senders.
  server.emit('listening');
  return {
    take(socket, certificateName) {
      if (certificateName !== undefined) certificateNames.set(socket, certificateName);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.setNoDelay(true);
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
  options: Settings,
): Promise<void> {
  let answer: Answer;
  try {
    const friend = friendOf(incoming, options);
    if (friend !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', friend);
      response.setHeader('Access-Control-Expose-Headers', '*');
      response.setHeader('Vary', 'Origin');
    }
    if (friend !== undefined && incoming.method === 'OPTIONS') answer = PREFLIGHT;
    else {
      const { request, endpoint } = read(incoming, certificateName, options);
      answer = await endpoint(request);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) {
      options.log(`${incoming.method} ${incoming.url} failed: ${(error as Error).stack}`);
      answer = text(500, 'Something is wrong in this process; its log says what');
    } else answer = text(error.status, error.message, error.headers);
  }
  if (response.destroyed) return abandon(answer);
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
  options: Settings,
): { readonly request: Request; readonly endpoint: Endpoint } {
  const { method = 'GET', url: target = '/', headers } = incoming;
  const question = target.indexOf('?');
  const whole = question < 0 ? target : target.slice(0, question);
  const path = withoutPrefix(whole, options.prefixes);
  refuseOtherNames(headers, options);
  if (!isFriendly(incoming, options)) refuseOtherSites(headers);
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
    isLocal: isLocal(incoming.socket),
    body: () => options.readBody(incoming),
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

/** A name that leads here may belong to somebody else, whose pages it then is of the same site as. An address cannot. */
function refuseOtherNames({ host = '' }: IncomingMessage['headers'], { hosts }: HttpOptions): void {
  const name = hostname(host);
  if (hosts === undefined || hosts.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0) return;
  throw new Refusal(
    403,
    `This process is not called '${host.slice(0, 200)}'; without authentication it answers to its own names only`,
  );
}

const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    'Access-Control-Allow-Methods': 'GET',
    'Access-Control-Allow-Headers': 'Authorization',
    'Access-Control-Max-Age': `${PREFLIGHT_SECONDS}`,
  },
};

/** The origin of the page that asks, if it may read here although it is of another site. */
function friendOf({ method, headers }: IncomingMessage, { isFriend }: HttpOptions): string | undefined {
  const { origin } = headers;
  const isReading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return isReading && origin !== undefined && isFriend?.(origin) ? origin : undefined;
}

/** Does nothing come of it but that a friend reads, or that somebody follows a link? */
function isFriendly(incoming: IncomingMessage, options: HttpOptions): boolean {
  const { method, headers } = incoming;
  const { origin, referer = '' } = headers;
  if (origin !== undefined || method !== 'GET') return friendOf(incoming, options) !== undefined;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  // A script or an image has no origin. Its page can hide where it is from, but not pretend.
  return isLink || (URL.canParse(referer) && (options.isFriend?.(new URL(referer).origin) ?? false));
}

/** A page of another site must not command the cluster through the browser of who looks at it. */
function refuseOtherSites(headers: IncomingMessage['headers']): void {
  const { host = '', origin } = headers;
  const isElsewhere = origin !== undefined && origin !== 'null' && !origin.endsWith(`//${host}`);
  if (isElsewhere || origin === 'null' || headers['sec-fetch-site'] === 'cross-site')
    throw new Refusal(403, 'Requests from pages of other sites are refused');
}

/** A connection of this machine to itself has one of its addresses at both ends. */
function isLocal({ localAddress, remoteAddress = '' }: Socket): boolean {
  return /^(::ffff:)?127\./.test(remoteAddress) || remoteAddress === '::1' || remoteAddress === localAddress;
}

function hostname(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

async function send(incoming: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if ('takeOver' in answer) return answer.takeOver(response);
  const isHead = incoming.method === 'HEAD';
  if ('pieces' in answer) {
    response.writeHead(200, answer.headers);
    if (isHead) {
      response.end();
      return abandon(answer);
    }
    response.flushHeaders();
    return pour(answer.pieces, response);
  }
  const { status, headers = {}, body = '' } = answer;
  const isPacked = headers['Content-Encoding'] !== undefined;
  const isToPack = !isPacked && takesGzip(incoming);
  if (isToPack && body.length >= GZIP_BYTES_MIN) {
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
  const iterator = pieces[Symbol.asyncIterator]();
  // Also while a piece is awaited that may never come.
  response.once('close', () => void iterator.return?.());
  for (;;) {
    const step = await iterator.next();
    if (response.destroyed) return;
    if (step.done) break;
    if (!response.write(step.value) && !(await drained(response))) return;
  }
  response.end();
}

/** Closes what an answer would have been made of. */
async function abandon(answer: Answer): Promise<void> {
  if ('pieces' in answer) await answer.pieces[Symbol.asyncIterator]().return?.();
}
