/** Who calls: what the end that is dialled makes of a caller's certificate and of its proof. */
import type { ReceivedHeaders } from './call.ts';
import { type Hello, isDialable } from './hello.ts';
import type { Keyring } from './keys.ts';
import { type Challenge, holds, readClaim, type Talk } from './proof.ts';
import type { Certificate, Tls } from './tls.ts';

/** What is beneath a call. */
export type Security = { readonly is: 'in clear' } | Certificate;

/** Who the other end of a link is. */
export interface Party {
  /** The name that it has proved; undefined if none. */
  readonly principal: string | undefined;
  /** By which name the secret goes that it has proved to know: empty for that of the cluster; undefined if none. */
  readonly knownAs: string | undefined;
}

/** A caller that is let in. */
export interface Caller extends Party {
  /** The principal, if it has but a token. */
  readonly token: string | undefined;
  /** On what, and by which secret, we are to prove ourselves in return. */
  readonly proof: { readonly secret: string; readonly talk: Talk } | undefined;
}

/** A caller that is not, and why: for our log, and for itself. */
export interface Refusal {
  readonly refusal: string;
  readonly advice: string;
}

/** What a caller has shown. */
export interface Shown {
  readonly hello: Hello;
  readonly headers: ReceivedHeaders;
  readonly security: Security;
  /** What it was given to prove itself on. */
  readonly challenge: Challenge | undefined;
}

/** What is asked of callers. */
export interface Demands {
  readonly keys: Keyring;
  readonly tls: Tls | undefined;
}

/** Decides whether a caller is let in. */
export function examine(shown: Shown, { keys, tls }: Demands): Caller | Refusal {
  const { hello, headers, security, challenge } = shown;
  if (tls !== undefined && security.is === 'in clear')
    return refusal('it does not speak TLS', 'TLS is needed here; give both processes certificates');
  if (security.is === 'bad') return refusal(security.why, security.why.replace(/^its/, 'our'));
  const named = security.is === 'good' ? security.name : undefined;
  const isNameless = tls !== undefined && named === undefined;
  const claim = readClaim(headers);
  if (claim === undefined) {
    if (keys.demanded)
      return refusal('it does not prove that it knows a secret', 'a secret is needed; give it one');
    if (isNameless) return NO_CERTIFICATE;
    return { principal: named, knownAs: undefined, token: undefined, proof: undefined };
  }
  if (challenge === undefined) return refusal('its proof is not on a challenge of ours');
  const key = keys.find(claim.principal);
  const talk = { challenge, hello, claim };
  if (!holds(key?.secret, talk) || key === undefined) return wrongSecret(claim.principal);
  const { principal } = claim;
  const proof = { secret: key.secret, talk };
  switch (key.kind) {
    case 'token':
      if (isDialable(hello.identity))
        return refusal(`${principal} has but a token, and with that nobody may listen`);
      return { principal, knownAs: principal, token: principal, proof };
    case 'principal':
      if (isNameless) return NO_CERTIFICATE;
      return { principal, knownAs: principal, token: undefined, proof };
    case 'own':
    case 'cluster':
      if (isNameless) return NO_CERTIFICATE;
      return { principal: named, knownAs: principal, token: undefined, proof };
    default:
      return key satisfies never;
  }
}

const NO_CERTIFICATE = refusal('it shows no certificate', 'a certificate is needed; give it one');

/** The same for a wrong secret and for a name that nobody has. */
function wrongSecret(principal: string): Refusal {
  return principal === ''
    ? refusal('it does not know the secret', 'wrong secret; give both processes the same')
    : refusal(
        `it does not know the secret of '${principal}'`,
        `wrong principal or secret; '${principal}' must have the same in both processes`,
      );
}

function refusal(why: string, advice = why): Refusal {
  return { refusal: why, advice };
}
