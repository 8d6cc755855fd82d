/** The part of ZooKeeper's protocol that an election needs: requests, answers, and what the numbers in them mean. */
import { bool, bytes, frame, int, JuteReader, list, long, text } from './jute.ts';

/** Kinds of requests. */
export const OPERATION = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  getChildren: 8,
  sync: 9,
  auth: 100,
  closeSession: -11,
} as const;

/** Numbers of frames that answer no request. */
export const WATCH_XID = -1;
export const AUTH_XID = -4;

/** What servers answer, by number; the names are ZooKeeper's. */
const ERRORS: Readonly<Record<number, ZookeeperErrorCode>> = {
  [-4]: 'CONNECTION_LOSS',
  [-101]: 'NO_NODE',
  [-102]: 'NO_AUTH',
  [-110]: 'NODE_EXISTS',
  [-112]: 'SESSION_EXPIRED',
  [-115]: 'AUTH_FAILED',
  [-118]: 'SESSION_MOVED',
};

export type ZookeeperErrorCode =
  | 'CONNECTION_LOSS'
  | 'NO_NODE'
  | 'NO_AUTH'
  | 'NODE_EXISTS'
  | 'SESSION_EXPIRED'
  | 'AUTH_FAILED'
  | 'SESSION_MOVED'
  | 'OTHER';

/** A request that was refused, or whose answer will not come: then nobody knows whether it was done. */
export class ZookeeperError extends Error {
  readonly code: ZookeeperErrorCode;

  constructor(code: ZookeeperErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error that a number in an answer means. */
export function errorOf(number: number): ZookeeperError {
  const code = ERRORS[number] ?? 'OTHER';
  return new ZookeeperError(code, `ZooKeeper answered ${code === 'OTHER' ? `error ${number}` : code}`);
}

/** A session as its servers know it. */
export interface SessionKey {
  readonly id: bigint;
  readonly password: Buffer;
}

/** The first frame of a connection: asks for a session, or for the one that the client has. */
export function hello(options: {
  readonly timeoutMs: number;
  /** The last change that the client has seen; a server that is further behind refuses it. */
  readonly zxid: bigint;
  readonly key: SessionKey | undefined;
}): Buffer {
  const { timeoutMs, zxid, key } = options;
  const password = key?.password ?? Buffer.alloc(16);
  return frame(int(0), long(zxid), int(timeoutMs), long(key?.id ?? 0n), bytes(password), bool(false));
}

/** The answer to the first frame. */
export interface Welcome {
  readonly key: SessionKey;
  /** What the server makes of the timeout that was asked for; zero or less: the session has expired. */
  readonly timeoutMs: number;
}

export function readWelcome(record: Buffer): Welcome {
  const reader = new JuteReader(record);
  reader.skip(4);
  const timeoutMs = reader.int();
  const id = reader.long();
  return { timeoutMs, key: { id, password: Buffer.from(reader.bytes()) } };
}

/** A request as a frame. */
export const request = (xid: number, operation: number, ...body: readonly Buffer[]): Buffer =>
  frame(int(xid), int(operation), ...body);

/** What comes before the body of every answer. */
export interface AnswerHead {
  readonly xid: number;
  readonly zxid: bigint;
  /** Zero for none. */
  readonly error: number;
}

export const readHead = (reader: JuteReader): AnswerHead => ({
  xid: reader.int(),
  zxid: reader.long(),
  error: reader.int(),
});

/** Reads the path of a change that was watched for. */
export function readWatchPath(reader: JuteReader): string {
  reader.skip(8);
  return reader.text();
}

/** Proves who one is to all servers: `user:password`. */
export const digest = (credentials: string): Buffer =>
  request(AUTH_XID, OPERATION.auth, int(0), text('digest'), text(credentials));

/** What a new node is. */
export interface NodeSpec {
  readonly path: string;
  readonly data: Buffer;
  /** Ephemeral nodes end with their session and get a number behind their name. */
  readonly kind: 'persistent' | 'ephemeral-sequential';
  /** Who may change it; everybody may read it. */
  readonly writers: 'everybody' | 'creator';
}

const READ = 1;
const ALL = 31;
const acl = (permissions: number, scheme: string, id: string): Buffer =>
  Buffer.concat([int(permissions), text(scheme), text(id)]);

export function createBody({ path, data, kind, writers }: NodeSpec): Buffer {
  const acls =
    writers === 'everybody'
      ? [acl(ALL, 'world', 'anyone')]
      : [acl(READ, 'world', 'anyone'), acl(ALL, 'auth', '')];
  return Buffer.concat([text(path), bytes(data), list(acls), int(kind === 'persistent' ? 0 : 3)]);
}

/** Reads of a node's record who owns it: the session's id, or zero. */
export function readOwner(reader: JuteReader): bigint {
  reader.skip(44);
  return reader.long();
}
