/**
 * How two processes make sure of each other: both prove that they know a secret, and neither sends it. The end that is
 * dialled gives a random number, good for one call on this connection; the caller answers with an HMAC over all that is
 * said, and the other end with another.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallHeaders, ReceivedHeaders } from './call.ts';
import { type Hello, type Identity, isIdentity, PROTOCOL, textOf } from './hello.ts';

/** What a caller is to prove itself on. */
export interface Challenge {
  /** Of the process that gave it: a proof is good for no other. */
  readonly identity: Identity;
  readonly nonce: string;
}

/** What a caller says to prove itself. */
export interface Claim {
  /** By which name the other end finds the secret; empty for that of the cluster. */
  readonly principal: string;
  /** The caller's own random number, on which the other end must prove itself. */
  readonly nonce: string;
  readonly proof: string;
}

const NONCE = /^[0-9a-f]{32}$/;
const CLAIM = /^Mesoslab ([0-9a-f]{32}) ([0-9a-f]{64})(?: ([\x21-\x7e]{1,255}))?$/;

/** A random number that nobody has seen before: 128 bits, in hexadecimal. */
export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** The challenge as headers of an answer. */
export function writeChallenge({ identity, nonce }: Challenge): CallHeaders {
  return { 'mesoslab-protocol': PROTOCOL, 'mesoslab-identity': identity, 'mesoslab-nonce': nonce };
}

/** Reads a challenge; undefined if it is none. */
export function readChallenge(headers: ReceivedHeaders): Challenge | undefined {
  const identity = textOf(headers, 'mesoslab-identity');
  const nonce = textOf(headers, 'mesoslab-nonce');
  return isIdentity(identity) && NONCE.test(nonce) ? { identity, nonce } : undefined;
}

/** All that is said before the proofs; they hold for nothing else. */
export interface Talk {
  readonly challenge: Challenge;
  /** Of the caller. */
  readonly hello: Hello;
  readonly claim: Claim;
}

/** A caller's answer to a challenge. */
export function makeClaim(
  { principal, secret }: { readonly principal: string; readonly secret: string },
  challenge: Challenge,
  hello: Hello,
): Claim {
  const unproven = { principal, nonce: newNonce(), proof: '' };
  return { ...unproven, proof: prove('dialling', secret, { challenge, hello, claim: unproven }) };
}

/** A claim as headers of a call, beside the hello. */
export function writeClaim({ principal, nonce, proof }: Claim): CallHeaders {
  return { authorization: ['Mesoslab', nonce, proof, principal].join(' ').trimEnd() };
}

/** Reads a claim; undefined if there is none, or none that could hold. */
export function readClaim(headers: ReceivedHeaders): Claim | undefined {
  const [, nonce, proof, principal = ''] = CLAIM.exec(textOf(headers, 'authorization')) ?? [];
  return nonce === undefined || proof === undefined ? undefined : { principal, nonce, proof };
}

/** The secret of those that nobody knows: a claim of theirs takes as long to refuse as any other. */
const NOBODYS = newNonce();

/** Does the caller know the secret? Takes the same time whether it is wrong or there is none. */
export function holds(secret: string | undefined, talk: Talk): boolean {
  const isRight = equal(talk.claim.proof, prove('dialling', secret ?? NOBODYS, talk));
  return isRight && secret !== undefined;
}

/** What proves that the end that was dialled knows the secret, too, as headers of its answer, beside the hello. */
export function writeAnswer(secret: string, talk: Talk): CallHeaders {
  return { 'mesoslab-proof': prove('answering', secret, talk) };
}

/** Does the end that was dialled know the secret? */
export function isAnswer(headers: ReceivedHeaders, secret: string, talk: Talk): boolean {
  return equal(textOf(headers, 'mesoslab-proof'), prove('answering', secret, talk));
}

function prove(side: 'dialling' | 'answering', secret: string, { challenge, hello, claim }: Talk): string {
  const listener = [challenge.identity, challenge.nonce];
  const caller = [claim.principal, claim.nonce, hello.identity, hello.incarnation, hello.dial, hello.after];
  const said = [PROTOCOL, side, ...listener, ...caller].join('\n');
  return createHmac('sha256', secret).update(said).digest('hex');
}

function equal(given: string, right: string): boolean {
  return /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(Buffer.from(given), Buffer.from(right));
}
