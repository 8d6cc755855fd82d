/** Who sends an HTTP request: by a password (basic), a token (bearer), or the certificate of the connection. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** A principal and its secret. */
export interface Credential {
  readonly principal: string;
  readonly secret: string;
}

/** What proves a name. */
export interface AuthenticationOptions {
  /** Passwords, for `Authorization: Basic`. */
  readonly credentials?: readonly Credential[];
  /** Tokens, for `Authorization: Bearer`. */
  readonly tokens?: readonly Credential[];
  /** The secret of the cluster, as a token that proves no name. */
  readonly secret?: string;
  /** Connections show certificates. */
  readonly byCertificate?: boolean;
}

/** How a request was judged. */
export type Verdict =
  | { readonly is: 'known'; readonly principal: string | undefined }
  | { readonly is: 'unknown'; readonly challenge: string };

/** Judges requests. */
export type Authenticator = (
  authorization: string | undefined,
  certificateName: string | undefined,
) => Verdict;

const REALM = 'realm="mesos"';

/** Knows nobody: what strangers may ask for is all that there is. */
export const nobody: Authenticator = () => ({ is: 'unknown', challenge: '' });

/** Makes an authenticator. Without any options everybody is known, and nobody has a name. */
export function authenticator(options: AuthenticationOptions): Authenticator {
  const { credentials = [], tokens = [], secret, byCertificate = false } = options;
  const passwords = new Map(credentials.map((own) => [own.principal, digest(own.secret)]));
  const owners = new Map(tokens.map((own) => [digest(own.secret).toString('hex'), own.principal]));
  const clusterSecret = secret === undefined ? undefined : digest(secret);
  const isOpen = passwords.size === 0 && owners.size === 0 && clusterSecret === undefined && !byCertificate;
  const hasTokens = owners.size > 0 || clusterSecret !== undefined;
  const schemes = [...(passwords.size > 0 ? ['Basic'] : []), ...(hasTokens ? ['Bearer'] : [])];
  const challenge = schemes.map((scheme) => `${scheme} ${REALM}`).join(', ');
  const unknown: Verdict = { is: 'unknown', challenge };

  return (authorization, certificateName) => {
    if (isOpen) return { is: 'known', principal: undefined };
    const [, scheme = '', given = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
    switch (scheme.toLowerCase()) {
      case 'basic': {
        const [, principal = '', password = ''] =
          /^([^:]*):(.*)$/s.exec(Buffer.from(given, 'base64').toString('utf8')) ?? [];
        const expected = passwords.get(principal);
        return expected !== undefined && timingSafeEqual(expected, digest(password))
          ? { is: 'known', principal }
          : unknown;
      }
      case 'bearer': {
        const own = digest(given);
        // The token itself is never compared, only its digest, so that time tells nothing of it.
        const principal = owners.get(own.toString('hex'));
        if (principal !== undefined) return { is: 'known', principal };
        if (clusterSecret !== undefined && timingSafeEqual(clusterSecret, own))
          return { is: 'known', principal: certificateName };
        return unknown;
      }
      default:
        return byCertificate && certificateName !== undefined
          ? { is: 'known', principal: certificateName }
          : unknown;
    }
  };
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
