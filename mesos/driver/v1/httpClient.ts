/** HTTP as a client of the v1 API needs it: requests with a body, answers in pieces or as a short text, TLS where the URL says so. */
import type { IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Clock, Millis, Timer } from '../../runtime/actor.ts';
import { takingDetours } from '../../runtime/detours.ts';
import { Agent, request } from '../../runtime/nodeHttp.ts';

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
  /** The text of an answer that is no stream. Rejects with one sentence if it is long, breaks off or does not come in time. */
  textOf(answer: IncomingMessage): Promise<string>;
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
  const agent = takingDetours(new Agent({ keepAlive: true }));
  const tlsAgent = takingDetours(new TlsAgent({ keepAlive: true, ...tls }));
  return {
    post: ({ url, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        const options = {
          method: 'POST',
          headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        };
        const asked =
          url.protocol === 'https:'
            ? tlsRequest(url, { ...options, agent: tlsAgent })
            : request(url, { ...options, agent });
        let reason: Error | undefined;
        const end = (why: Error): void => {
          reason ??= why;
          asked.destroy();
        };
        const give = (ms: Millis): Timer => after(ms, () => end(late(ms)));
        let patience = give(ANSWER_MS);
        // Node's own way, the option `signal`, has an error for the connection, which it may have let go of already.
        const aborted = (): void => end(signal.reason);
        if (signal.aborted) aborted();
        signal.addEventListener('abort', aborted);
        asked.on('close', () => signal.removeEventListener('abort', aborted));
        asked.on('socket', (socket) => {
          if (!socket.connecting) return;
          patience.cancel();
          patience = give(CONNECT_MS);
          socket.once('connect', () => {
            patience.cancel();
            patience = give(ANSWER_MS);
          });
        });
        asked.on('response', (answer) => {
          patience.cancel();
          // Whoever reads it is told all the same.
          answer.on('error', () => {});
          resolve(answer);
        });
        asked.on('error', (error) => {
          patience.cancel();
          reject(reason ?? error);
        });
        asked.end(body);
      }),
    textOf: (answer) =>
      new Promise((resolve, reject) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        let isWhole = false;
        let reason: Error | undefined;
        const end = (why: Error): void => {
          reason ??= why;
          answer.destroy();
        };
        const patience = after(ANSWER_MS, () => end(late(ANSWER_MS)));
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > TEXT_BYTES_MAX) end(new Error(`the answer has more than ${TEXT_BYTES_MAX} bytes`));
          else pieces.push(piece);
        });
        answer.on('end', () => {
          isWhole = true;
          resolve(Buffer.concat(pieces).toString('utf8'));
        });
        answer.on('close', () => {
          patience.cancel();
          if (!isWhole) reject(reason ?? new Error('the answer broke off'));
        });
      }),
    close() {
      agent.destroy();
      tlsAgent.destroy();
    },
  };
}

const late = (ms: Millis): Error => new Error(`there was no answer in ${ms / 1000} s`);

/** Longest part of an answer that is repeated. */
const SHOWN_MAX = 300;

/** An answer in words. */
export function inWords({ statusCode, statusMessage }: IncomingMessage, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a log must not have
  const shown = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return `${statusCode} ${statusMessage}${shown === '' ? '' : `: ${shown.slice(0, SHOWN_MAX)}`}`;
}
