/** The hello: what two processes say of themselves before they exchange frames. */
import type { CallHeaders, ReceivedHeaders } from './call.ts';

/** Version of what goes over a link; both ends must have the same. */
export const PROTOCOL = '2';

/** Where a process can be reached: `host:port`; or, if it does not listen, `host:0/<hex>`. */
export type Identity = string;

/** Who dials, and what it knows. */
export interface Hello {
  readonly identity: Identity;
  /** One life of the process at that identity, random. */
  readonly incarnation: string;
  /** Counts the dials of one incarnation. */
  readonly dial: number;
  /** The id of the last link with the other end that the dialler knew; it considers that link gone. */
  readonly after: string;
}

/** The id of the link that a hello asks for. */
export function linkId(hello: Hello): string {
  return `${hello.incarnation}.${hello.dial}`;
}

const HOST = String.raw`(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])`;
const LISTENING = new RegExp(`^${HOST}:([1-9][0-9]{0,4})$`);
const SILENT = new RegExp(`^${HOST}:0/[0-9a-f]{8,32}$`);
const INCARNATION = /^[0-9a-f]{16}$/;
const LINK = /^(?:[0-9a-f]{16}\.[0-9]{1,15})?$/;
const DIAL = /^[0-9]{1,15}$/;

/** Can a process with this identity be dialled? */
export function isDialable(identity: Identity): boolean {
  const port = LISTENING.exec(identity)?.[1];
  return port !== undefined && Number(port) <= 65_535;
}

/** Is this an identity at all? */
export function isIdentity(text: string): boolean {
  return isDialable(text) || SILENT.test(text);
}

/** `host:port` with the brackets that an IPv6 host needs. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/** The hello as headers of a call. */
export function writeHello(hello: Hello): CallHeaders {
  return {
    'mesoslab-protocol': PROTOCOL,
    'mesoslab-identity': hello.identity,
    'mesoslab-incarnation': hello.incarnation,
    'mesoslab-dial': String(hello.dial),
    'mesoslab-after': hello.after === '' ? '-' : hello.after,
  };
}

/** Reads a hello; a string says what is wrong with it. */
export function readHello(headers: ReceivedHeaders): Hello | string {
  const protocol = textOf(headers, 'mesoslab-protocol');
  if (protocol !== PROTOCOL)
    return `protocol ${JSON.stringify(protocol.slice(0, 20))} is not spoken here; this is protocol ${PROTOCOL}`;
  const identity = textOf(headers, 'mesoslab-identity');
  const incarnation = textOf(headers, 'mesoslab-incarnation');
  const dial = textOf(headers, 'mesoslab-dial');
  const after = textOf(headers, 'mesoslab-after').replace(/^-$/, '');
  if (!isIdentity(identity) || !INCARNATION.test(incarnation) || !DIAL.test(dial) || !LINK.test(after))
    return 'the hello is malformed';
  return { identity, incarnation, dial: Number(dial), after };
}

/** A header's text; empty if it is absent or no text. */
export function textOf(headers: ReceivedHeaders, key: string): string {
  const value = headers[key];
  return typeof value === 'string' ? value : '';
}
