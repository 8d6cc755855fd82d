/** One request over HTTP, and its whole answer. */
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { ClientTls } from '../../mesos/driver/v1/httpClient.ts';
import { takingDetours } from '../../mesos/runtime/detours.ts';
import { Agent, request } from '../../mesos/runtime/nodeHttp.ts';

/** What to ask. */
export interface HttpQuestion {
  readonly url: URL;
  readonly method?: string;
  readonly authorization?: string | undefined;
  readonly body?: string;
  readonly tls?: ClientTls | undefined;
}

/** What was answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const ANSWER_MS = 10_000;
/** The state of a large cluster is long. */
const ANSWER_BYTES_MAX = 256 << 20;

/** Asks, over a connection of its own. Rejects if there is no whole answer in 10 s, or one that is too long. */
export function httpExchange({
  url,
  method = 'GET',
  authorization,
  body = '',
  tls,
}: HttpQuestion): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const options: RequestOptions = {
    method,
    signal,
    headers: {
      'content-length': Buffer.byteLength(body),
      ...(authorization !== undefined && { authorization }),
    },
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(signal.aborted ? new Error(`there was no answer in ${ANSWER_MS / 1000} s`) : error);
    const sent =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, ...tls, agent: takingDetours(new TlsAgent()) })
        : request(url, { ...options, agent: takingDetours(new Agent()) });
    sent.on('error', failed);
    sent.on('response', (answer) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      // Node's own word for it is `aborted`.
      answer.on('error', (error: NodeJS.ErrnoException) =>
        failed(error.code === 'ECONNRESET' ? new Error('the answer broke off before its end') : error),
      );
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > ANSWER_BYTES_MAX)
          answer.destroy(new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`));
        else pieces.push(piece);
      });
      answer.on('end', () => {
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, headers, body: Buffer.concat(pieces) });
      });
    });
    sent.end(body);
  });
}
