/** One connection to one ZooKeeper server: the hello, requests and their answers in order, and a limit for every answer. */
import { connect } from 'node:net';
import { wayTo } from '../../runtime/detours.ts';
import { frameSplitter, JuteReader } from './jute.ts';
import {
  AUTH_XID,
  digest,
  errorOf,
  hello,
  OPERATION,
  readHead,
  readWatchPath,
  readWelcome,
  request,
  type SessionKey,
  WATCH_XID,
  type Welcome,
  ZookeeperError,
} from './protocol.ts';

/** Most requests that may wait for their answers. */
const REQUESTS_MAX = 1_000;

/** A server. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** How to connect. */
export interface ConnectionOptions {
  readonly server: Server;
  readonly timeoutMs: number;
  readonly zxid: bigint;
  readonly key: SessionKey | undefined;
  /** `user:password`, if the client must prove who it is. */
  readonly credentials: string | undefined;
  /** The connection is given up when an answer takes longer. */
  readonly answerLimitMs: number;
}

/** What a connection tells. Never called before {@link openConnection} returns. */
export interface ConnectionEvents {
  /** The server has answered the hello, which was sent at that time of the monotonic clock. */
  welcomed(welcome: Welcome, sentMs: number): void;
  /** Something that was watched has changed. */
  changed(path: string): void;
  /** It is over; called once. Requests without an answer have been rejected with CONNECTION_LOSS. */
  closed(reason: string): void;
}

/** A connection. */
export interface Connection {
  /** The newest change that the server has told of. */
  readonly zxid: bigint;
  /** Sends a request. Resolves with what is read from the answer, rejects with a {@link ZookeeperError}. */
  request<T>(operation: number, body: Buffer, read: (answer: JuteReader) => T): Promise<T>;
  /** Ends the session and the connection, at the latest when the answer's limit is over. */
  closeSession(): Promise<void>;
  /** Drops it; nothing is told after that. */
  drop(): void;
}

interface Waiting {
  readonly sentMs: number;
  /** Reads the answer and passes it on; throws if it is malformed. */
  readonly resolve: (answer: JuteReader) => void;
  readonly reject: (error: ZookeeperError) => void;
}

/** Connects to a server. */
export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
  const { server, key, credentials, answerLimitMs } = options;
  const name = `${server.host}:${server.port}`;
  const socket = connect({ ...wayTo(server), noDelay: true });
  const split = frameSplitter();
  const waiting = new Map<number, Waiting>();
  const openedMs = performance.now();
  let zxid = options.zxid;
  let helloSentMs = openedMs;
  let xid = 0;
  let state: 'greeting' | 'welcomed' | 'closed' = 'greeting';

  let watchdog = setTimeout(checkAnswers, answerLimitMs);
  socket.on('connect', () => {
    helloSentMs = performance.now();
    socket.write(hello({ timeoutMs: options.timeoutMs, zxid, key }));
    if (credentials !== undefined) socket.write(digest(credentials));
  });
  socket.on('data', (chunk) => {
    try {
      for (const record of split(chunk)) if (state !== 'closed') take(record);
    } catch (error) {
      close(`${name} sent what is not ZooKeeper's protocol: ${(error as Error).message}`);
    }
  });
  socket.on('error', (error) => close(`${name}: ${error.message}`));
  socket.on('close', () => close(`${name} closed the connection`));

  function take(record: Buffer): void {
    if (state === 'greeting') {
      const welcome = readWelcome(record);
      state = 'welcomed';
      events.welcomed(welcome, helloSentMs);
      return;
    }
    const reader = new JuteReader(record);
    const head = readHead(reader);
    if (head.zxid > zxid) zxid = head.zxid;
    if (head.xid === WATCH_XID) events.changed(readWatchPath(reader));
    else if (head.xid === AUTH_XID) {
      if (head.error !== 0) close(`${name} does not accept the user and password`);
    } else {
      const request = waiting.get(head.xid);
      if (request === undefined) throw new Error(`an answer to request ${head.xid}, which waits for none`);
      if (head.error === 0) request.resolve(reader);
      else request.reject(errorOf(head.error));
      waiting.delete(head.xid);
    }
  }

  /** When the oldest thing that waits for an answer was sent; undefined if nothing does. */
  function oldestMs(): number | undefined {
    return state === 'greeting' ? openedMs : waiting.values().next().value?.sentMs;
  }

  function checkAnswers(): void {
    const now = performance.now();
    const dueMs = (oldestMs() ?? now) + answerLimitMs;
    if (dueMs <= now) close(`${name} has not answered for ${Math.round(answerLimitMs)} ms`);
    else watchdog = setTimeout(checkAnswers, Math.ceil(dueMs - now));
  }

  function drop(): void {
    state = 'closed';
    clearTimeout(watchdog);
    socket.destroy();
    const error = new ZookeeperError('CONNECTION_LOSS', `the connection to ${name} is gone`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function close(reason: string): void {
    if (state === 'closed') return;
    drop();
    events.closed(reason);
  }

  function send<T>(operation: number, body: Buffer, read: (answer: JuteReader) => T): Promise<T> {
    if (state !== 'welcomed' || waiting.size >= REQUESTS_MAX)
      return Promise.reject(new ZookeeperError('CONNECTION_LOSS', `not connected to ${name}`));
    xid = (xid % 0x7fff_ffff) + 1;
    const own = xid;
    return new Promise((resolve, reject) => {
      waiting.set(own, { sentMs: performance.now(), resolve: (answer) => resolve(read(answer)), reject });
      socket.write(request(own, operation, body));
    });
  }

  return {
    get zxid() {
      return zxid;
    },
    request: send,
    async closeSession() {
      // Answered or not, the connection ends; the watchdog sees to it that this takes no longer than any answer.
      await send(OPERATION.closeSession, Buffer.alloc(0), () => {}).catch(() => {});
      drop();
    },
    drop,
  };
}
