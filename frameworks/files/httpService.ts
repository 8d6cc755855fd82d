/** What file servers and namenodes have in common: HTTP for those who know the secret, and refusals in one sentence. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from '../../mesos/driver/nodeHttp.ts';

/** How to start one. */
export interface HttpServiceOptions {
  /** Where to listen; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Every request carries `authorization: Bearer SECRET`. */
  readonly secret: string;
  /** Answers a request of somebody who knows the secret. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The status and the sentence that an error amounts to. */
  refusalOf(error: unknown): { readonly status: number; readonly message: string };
}

/** A running service. */
export interface HttpService {
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  /** Stops it; requests under way are broken off. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 1024;

/** Starts it. Rejects if the secret is empty or the address is taken. */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const { host = '127.0.0.1', port = 0, secret } = options;
  if (secret === '') throw new TypeError('A server needs a secret that is not empty.');
  const secretDigest = digest(secret);
  const server = createServer((request, response) => {
    const refuse = (error: unknown): void => sendRefusal(request, response, options.refusalOf(error));
    if (!knowsSecret(secretDigest, request))
      sendRefusal(request, response, { status: 401, message: 'This is not the secret of this cluster.' });
    else options.serve(request, response).catch(refuse);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, port, host);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    port: address.port,
    url: urlOf(host, address.port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `http://host:port`. */
function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Compares digests in constant time, so that neither length nor content of the secret shows in the time
 * taken.
 */
function knowsSecret(secretDigest: Buffer, { headers }: IncomingMessage): boolean {
  const scheme = 'Bearer ';
  const given = headers.authorization ?? '';
  return given.startsWith(scheme) && timingSafeEqual(digest(given.slice(scheme.length)), secretDigest);
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message }: { readonly status: number; readonly message: string },
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `${message}\n`;
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
  // Reads the rest of a refused upload and forgets it, so that the sender gets to read why.
  request.resume();
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
