/**
 * How two ranks make sure of each other: both prove that they know the job's secret, and neither sends it. Each proof is
 * an HMAC over both ranks and both sides' fresh random numbers, so it is good for this connection only.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Frame, FrameKind } from './frame.ts';
import type { Link } from './link.ts';

/** Who a rank is, and what it must prove to know. */
export interface Membership {
  readonly rank: number;
  readonly size: number;
  readonly secret: string;
}

const NONCE_BYTES = 16;
const PROOF_BYTES = 32;

/** The side that connects. Throws an Error, the end of a sentence about the peer, if that is not who it should be. */
export async function introduce(link: Link, me: Membership, peer: number): Promise<void> {
  const mine = randomBytes(NONCE_BYTES);
  const hello = Buffer.alloc(8 + NONCE_BYTES);
  hello.writeUInt32LE(me.rank, 0);
  hello.writeUInt32LE(me.size, 4);
  mine.copy(hello, 8);
  await link.write('hello', 0, hello);
  const challenge = await expect(link, 'challenge', NONCE_BYTES + PROOF_BYTES);
  const theirs = challenge.subarray(0, NONCE_BYTES);
  const talk = { connecting: me.rank, accepting: peer, size: me.size, nonces: [mine, theirs] };
  if (!timingSafeEqual(challenge.subarray(NONCE_BYTES), prove('accepting', talk, me.secret)))
    throw new Error("it does not know the job's secret");
  // The peer is who he should be; his first messages may come right behind his welcome.
  link.trust();
  await link.write('proof', 0, prove('connecting', talk, me.secret));
  await expect(link, 'welcome', 0);
}

/** The side that accepts. Resolves to the peer's rank. Throws an Error if he cannot prove to be one. */
export async function admit(link: Link, me: Membership): Promise<number> {
  const hello = await expect(link, 'hello', 8 + NONCE_BYTES);
  const peer = hello.readUInt32LE(0);
  const size = hello.readUInt32LE(4);
  if (size !== me.size || peer <= me.rank || peer >= size)
    throw new Error(`rank ${peer} of ${size} does not connect to rank ${me.rank} of ${me.size}`);
  const theirs = hello.subarray(8);
  const mine = randomBytes(NONCE_BYTES);
  const talk = { connecting: peer, accepting: me.rank, size, nonces: [theirs, mine] };
  await link.write('challenge', 0, Buffer.concat([mine, prove('accepting', talk, me.secret)]));
  const proof = await expect(link, 'proof', PROOF_BYTES);
  if (!timingSafeEqual(proof, prove('connecting', talk, me.secret)))
    throw new Error(`who connects as rank ${peer} does not know the job's secret`);
  link.trust();
  await link.write('welcome');
  return peer;
}

interface Talk {
  readonly connecting: number;
  readonly accepting: number;
  readonly size: number;
  /** Of the connecting side, of the accepting side. */
  readonly nonces: readonly Buffer[];
}

function prove(side: 'connecting' | 'accepting', talk: Talk, secret: string): Buffer {
  const hmac = createHmac('sha256', secret);
  hmac.update(`mpi rank ${side} ${talk.connecting} ${talk.accepting} ${talk.size} `);
  for (const nonce of talk.nonces) hmac.update(nonce);
  return hmac.digest();
}

async function expect(link: Link, kind: FrameKind, bytes: number): Promise<Buffer> {
  const frame: Frame = await link.read();
  if (frame.kind !== kind || frame.payload.byteLength !== bytes)
    throw new Error(`it sent '${frame.kind}' where '${kind}' was due`);
  return frame.payload;
}
