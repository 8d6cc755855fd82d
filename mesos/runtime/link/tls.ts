/**
 * TLS under links: both ends show a certificate of the cluster's authority. The end that is dialled takes callers without a
 * good one as well, and refuses them later, when it can tell them why.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { isPrincipal, TOKEN_PREFIX } from './keys.ts';

/** An import would load the certificates of all authorities that Node knows: 1 MiB of every process. */
const { connect, createSecureContext, createServer } = process.getBuiltinModule('node:tls');

/** The certificates of a process, as PEM. */
export interface TlsOptions {
  /** Of the authority that every certificate of the cluster is signed by. */
  readonly ca: string;
  /** Its own; a process that only dials and has a token needs none. */
  readonly own?: { readonly cert: string; readonly key: string };
}

/** TLS, ready for use. */
export interface Tls {
  readonly context: SecureContext;
  readonly options: TlsOptions;
}

/** What is known of the other end by its certificate. */
export type Certificate =
  | { readonly is: 'absent' }
  /** Signed by the authority, and in force. */
  | { readonly is: 'good'; readonly name: string }
  | { readonly is: 'bad'; readonly why: string };

const MINIMUM = { minVersion: 'TLSv1.3' } as const;
/** Links ask for nothing but HTTP/2. */
const LINK_PROTOCOLS = ['h2'];
/** Who could speak either gets HTTP/1: it is a browser or the like, and nobody speaks HTTP/2 here but links. */
const SERVED_PROTOCOLS = ['http/1.1', 'h2'];

/** Reads certificates. Throws, in one sentence, why they cannot be used. */
export function readyTls(options: TlsOptions): Tls {
  const { ca, own } = options;
  readPem("the authority's certificate", () => new X509Certificate(ca));
  if (own !== undefined) {
    const certificate = readPem('the certificate', () => new X509Certificate(own.cert));
    const key = readPem('the key', () => createPrivateKey(own.key));
    if (!certificate.checkPrivateKey(key)) throw new Error('the key is not that of the certificate');
  }
  return { options, context: createSecureContext({ ca, ...own }) };
}

function readPem<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what} is not in PEM, or encrypted: ${(error as Error).message}`, { cause: error });
  }
}

/** Takes connections that begin TLS. */
export interface TlsAcceptor {
  take(socket: Socket): void;
}

/** Makes an acceptor. One of `accepted` and `failed` is called for each connection, unless it is destroyed first. */
export function tlsAcceptor(
  { options: { ca, own } }: Tls,
  accepted: (socket: TLSSocket, certificate: Certificate) => void,
  failed: (socket: TLSSocket, why: string) => void,
): TlsAcceptor {
  const server = createServer({
    ...MINIMUM,
    ALPNProtocols: SERVED_PROTOCOLS,
    ca,
    ...own,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    accepted(socket, certificateOf(socket));
  });
  server.on('tlsClientError', (error, socket) => failed(socket, complaint(error)));
  return { take: (socket) => server.emit('connection', socket) };
}

/** The other end does not get through TLS, or is not who it should be. */
export class TlsError extends Error {}

/** Begins TLS on a connection to that host. Rejects with a TlsError, the end of a sentence about the other end. */
export function beginTls(
  socket: Socket,
  host: string,
  { context }: Tls,
): Promise<{ readonly socket: TLSSocket; readonly name: string | undefined }> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      ...MINIMUM,
      ALPNProtocols: LINK_PROTOCOLS,
      socket,
      secureContext: context,
      host,
      servername: isIP(host) === 0 ? host : '',
    });
    const fail = (error: Error): void => reject(new TlsError(complaint(error, host), { cause: error }));
    // For good: what goes wrong later is told by the call above, and must not end the process.
    secure.on('error', fail);
    secure.once('close', () => fail(new Error('the connection was closed')));
    secure.once('secureConnect', () =>
      resolve({ socket: secure, name: nameIn(secure.getPeerCertificate()) }),
    );
  });
}

function certificateOf(socket: TLSSocket): Certificate {
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return { is: 'absent' };
  // It is a code, whatever its type says.
  if (!socket.authorized) return { is: 'bad', why: complaint({ code: `${socket.authorizationError}` }) };
  const name = nameIn(certificate);
  return name === undefined
    ? { is: 'bad', why: 'its certificate has no common name that could be a principal' }
    : { is: 'good', name };
}

/** The principal that a certificate names: its subject's common name. */
function nameIn(certificate: PeerCertificate): string | undefined {
  const name: unknown = certificate.subject?.CN;
  return typeof name === 'string' && isPrincipal(name) && !name.startsWith(TOKEN_PREFIX) ? name : undefined;
}

/** What TLS says is wrong, as the end of a sentence about the other end. */
function complaint(error: { readonly code?: string; readonly message?: string }, host?: string): string {
  switch (error.code) {
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired; make a new one';
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet; are both clocks right?';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return 'its certificate is not signed by the authority that the other end trusts; give both the same';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is not for ${host}; name that host in the certificate (subjectAltName)`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS; give both processes certificates, or none';
    default:
      return `TLS failed: ${error.message ?? error.code ?? 'no reason given'}`;
  }
}
