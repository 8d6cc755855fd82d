/** Why a daemon cannot be called, in words: gRPC keeps to itself what TLS and the sockets say, so they are asked once more. */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { DeploymentKeys } from './keys.ts';
import type { DaemonRecord } from './record.ts';

/** A machine that says nothing for so long is silent. */
const ANSWER_LIMIT_MS = 5_000;

/** TLS of a controller for this machine. */
export function tlsFor({ name }: Pick<DaemonRecord, 'name'>, { authority, controller }: DeploymentKeys) {
  return {
    secureContext: {
      ca: authority.cert,
      cert: controller.cert,
      key: controller.key,
      minVersion: 'TLSv1.3',
    } as const,
    // Its address may be another's today; its name is in no certificate but its own.
    checkServerIdentity: (_: string, { subjectaltname }: { readonly subjectaltname?: string | undefined }) =>
      subjectaltname === `DNS:${name}`
        ? undefined
        : new Error(`another machine answers there, with a certificate for ${subjectaltname}`),
  };
}

/** The end of a sentence about the machine, which is asked there; undefined if nothing is wrong any more. */
export function whyUnreachable(
  record: DaemonRecord,
  { ip: host, port }: Pick<DaemonRecord, 'ip' | 'port'>,
  keys: DeploymentKeys,
): Promise<string | undefined> {
  const address = `${record.ip}:${record.port}`;
  if (Date.parse(new X509Certificate(keys.controller.cert).validTo) < Date.now())
    return Promise.resolve('the keys of the deployment have expired; make it anew');
  const { secureContext, checkServerIdentity } = tlsFor(record, keys);
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      servername: 'machine',
      ALPNProtocols: ['h2'],
      ...secureContext,
      checkServerIdentity,
    });
    const end = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(`nothing answers at ${address}`));
    // HTTP/2 begins with a word of the server's, for whom it lets in.
    socket.once('data', () => end(undefined));
    socket.on('error', (error: NodeJS.ErrnoException) => end(complaint(address, error)));
    socket.once('close', () => end(`its daemon at ${address} does not take our certificate`));
  });
}

function complaint(address: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `no daemon listens on ${address}; has it ended?`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `no network leads to ${address}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `its daemon at ${address} does not take our certificate`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of the daemon at ${address} has expired; make the deployment anew`;
    case 'CERT_SIGNATURE_FAILURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `the daemon at ${address} is of another deployment`;
    default:
      return message.startsWith('another machine') ? message : `no TLS with ${address}: ${message}`;
  }
}
