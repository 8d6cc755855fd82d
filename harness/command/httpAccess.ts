/** Whom a daemon's HTTP server lets in: the same as its links do, where HTTP has a form for it. docs/security.md has it all. */
import { networkInterfaces } from 'node:os';
import { authenticator } from '../../mesos/http/authentication.ts';
import type { HttpOptions } from '../../mesos/http/server.ts';
import type { Security } from './security.ts';

/** How an HTTP server of a daemon that others know as `host:port` tells who is who. */
export function httpAccess(
  { secret, credentials, tls }: Security,
  identity: string,
): Pick<HttpOptions, 'authenticate' | 'hosts'> {
  const byCertificate = tls !== undefined;
  const isOpen = secret === undefined && credentials === undefined && !byCertificate;
  return {
    authenticate: authenticator({
      ...(secret !== undefined && { secret }),
      ...(credentials !== undefined && { credentials }),
      byCertificate,
    }),
    ...(isOpen && { hosts: ownNames(identity) }),
  };
}

/** A page of another site could give its own name to this machine's address, and so speak for who looks at it. */
function ownNames(identity: string): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const names = addresses.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
  return new Set(['localhost', identity.replace(/:\d+$/, '').toLowerCase(), ...names]);
}
