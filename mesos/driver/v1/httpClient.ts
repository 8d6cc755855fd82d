/** HTTP as a client of the v1 API needs it: requests with a body, answers in pieces or as a short text, TLS where the URL says so. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Clock, Millis } from '../../runtime/actor.ts';

/** What a client of HTTPS may show and trust, in PEM. */
export interface ClientTls {
  /** The authority of the server's certificate; absent: those that the system knows. */
  readonly ca?: string;
  /** The certificate by which it proves who it is. */
  readonly cert?: string;
  readonly key?: string;
}

/** A request. */
export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Ends the request, or the answer as far as it has come. */
  readonly signal: AbortSignal;
}

/** A client. It keeps connections for later requests. */
export interface HttpClient {
  /**
   * Resolves when the head of the answer has come. Rejects with one sentence if none comes in time, or with the reason of the
   * signal.
   */
  post(request: Post): Promise<IncomingMessage>;
  /** Ends all connections. */
  close(): void;
}

/** A server that has not answered by then is lost. */
export const ANSWER_MS: Millis = 30_000;
/** A machine that has not taken the connection by then is not there. */
const CONNECT_MS: Millis = 5_000;
/** Longest answer that is no stream. */
const TEXT_BYTES_MAX = 64 << 10;

/** Starts a client on this clock. */
export function httpClient({ after }: Pick<Clock, 'after'>, tls: ClientTls = {}): HttpClient {
  const agent = new Agent({ keepAlive: true });
  const tlsAgent = new TlsAgent({ keepAlive: true, ...tls });
  return {
    async post({ url, headers, body, signal }) {
      const late = new AbortController();
      const give = (ms: Millis) =>
        after(ms, () => late.abort(new Error(`there was no answer in ${ms / 1000} s`)));
      const ending = AbortSignal.any([signal, late.signal]);
      let patience = give(CONNECT_MS);
      const options = {
        method: 'POST',
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      };
      try {
        return await new Promise<IncomingMessage>((resolve, reject) => {
          const asked =
            url.protocol === 'https:'
              ? tlsRequest(url, { ...options, agent: tlsAgent })
              : request(url, { ...options, agent });
          const connected = (): void => {
            patience.cancel();
            patience = give(ANSWER_MS);
          };
          asked.on('socket', (socket) => {
            if (socket.connecting) socket.once('connect', connected);
            else connected();
          });
          asked.on('response', (answer) => {
            // Whoever reads it is told all the same.
            answer.on('error', () => {});
            resolve(answer);
          });
          asked.on('error', (error) => reject(ending.aborted ? ending.reason : error));
          // Node's own way, the option `signal`, has an error for the connection, which it may have let go of already.
          const end = (): void => void asked.destroy();
          if (ending.aborted) end();
          ending.addEventListener('abort', end);
          asked.on('close', () => ending.removeEventListener('abort', end));
          asked.end(body);
        });
      } finally {
        patience.cancel();
      }
    },
    close() {
      agent.destroy();
      tlsAgent.destroy();
    },
  };
}

/** The text of an answer that is no stream. Rejects if it is long, or breaks off. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > TEXT_BYTES_MAX) throw new Error(`the answer has more than ${TEXT_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Longest part of an answer that is repeated. */
const SHOWN_MAX = 300;

/** An answer in words. */
export function inWords({ statusCode, statusMessage }: IncomingMessage, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a log must not have
  const shown = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return `${statusCode} ${statusMessage}${shown === '' ? '' : `: ${shown.slice(0, SHOWN_MAX)}`}`;
}
