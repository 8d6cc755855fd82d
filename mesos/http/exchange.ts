/** What the endpoints of an HTTP server take and give. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** A request, before its body has come. */
export interface Request {
  readonly method: string;
  /** Without the prefix of the process (`/master`) and without a query. */
  readonly path: string;
  /** As it was sent: path and query. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Who sent it, if it proved a name. */
  readonly principal: string | undefined;
  /** Does it come from this machine? */
  readonly isLocal: boolean;
  /** Reads the body. Throws a {@link Refusal} if it is too large, or does not come. */
  body(): Promise<Buffer>;
}

/** An answer that is sent at once. */
export interface Whole {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What is answered. */
export type Answer =
  | Whole
  /** Pieces that are made while they are sent: none before the reader has taken those before it. */
  | {
      readonly pieces: AsyncIterable<string | Uint8Array>;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** The endpoint writes by itself, headers included, now or later. */
  | { readonly takeOver: (response: ServerResponse) => void };

/** An endpoint. */
export type Endpoint = (request: Request) => Answer | Promise<Answer>;

/** A request that is refused: a status, and one sentence for who sent it. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** May the answer be packed with gzip? */
export function takesGzip({ headers }: Pick<Request, 'headers'>): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(`${headers['accept-encoding'] ?? ''}`);
}

/** An answer in plain text. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body };
}

/** An answer in JSON. */
export function json(value: unknown): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

/** The function of a web page that asked, by `?jsonp=NAME`, to be called with the answer. Throws a {@link Refusal}. */
export function callbackOf({ query }: Request): string | undefined {
  const name = query.get('jsonp');
  if (name === null) return undefined;
  if (/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/.test(name) && name.length <= 128) return name;
  throw new Refusal(400, "'jsonp' must be the name of a JavaScript function, of at most 128 characters");
}

/** An answer in JSON, or a script for the page that asked for one: how the page of Apache Mesos reads from other ports. */
export function jsonFor(request: Request, value: unknown): Whole {
  const callback = callbackOf(request);
  const body = JSON.stringify(value);
  const [type, text] =
    callback === undefined ? ['application/json', body] : ['text/javascript', `/**/${callback}(${body});`];
  return { status: 200, headers: { 'Content-Type': type, ...UNTRUSTED }, body: text };
}

/** What is told may be the words of others, and so a page with scripts. */
export const UNTRUSTED: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** An answer without a body. */
export const EMPTY: Readonly<Record<string, string>> = { 'Content-Length': '0' };
