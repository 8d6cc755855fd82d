/** A ZooKeeper session: lives across connections to any of the servers, until it is closed or may have expired. */
import { type Connection, openConnection, type Server } from './connection.ts';
import type { JuteReader } from './jute.ts';
import { bool, int, text } from './jute.ts';
import { type Lease, sessionLease } from './lease.ts';
import {
  createBody,
  type NodeSpec,
  OPERATION,
  readOwner,
  type SessionKey,
  type Welcome,
  ZookeeperError,
} from './protocol.ts';

/** The servers hear of a session this often in a timeout. */
const HEARTBEATS_PER_TIMEOUT = 10;
/** A server that takes longer than this part of the timeout to answer is left for another. */
const ANSWER_LIMIT = 1 / 5;
/** Wait before the second connection, doubled for each one after it. */
const RETRY_MS = 20;
/** Longest wait between connections, as part of the timeout. */
const RETRY_MAX = 1 / 20;

/** How to open a session. */
export interface SessionOptions {
  /** At least one. */
  readonly servers: readonly Server[];
  /** What to ask for; servers may make it longer or shorter. */
  readonly timeoutMs: number;
  /** `user:password`, if the client must prove who it is. */
  readonly credentials: string | undefined;
}

/** What a session tells. Never called before {@link openSession} returns. */
export interface SessionEvents {
  /** In touch with a server: at first, and again after each loss of connection. No watches are set. */
  connected(): void;
  /**
   * The session has expired, or may have as far as can be known; called once, before the servers remove its ephemeral nodes.
   * Not called after {@link Session.close}.
   */
  ended(reason: string): void;
}

/** A session. Its requests reject with a {@link ZookeeperError}: with CONNECTION_LOSS whenever there is no connection. */
export interface Session {
  /** Does it surely live at this moment? Asks a clock. Once false, always false. */
  lives(): boolean;
  /** The path of the new node. */
  create(spec: NodeSpec): Promise<string>;
  /** Removes a node, whatever its version is. */
  remove(path: string): Promise<void>;
  /** The session that owns a node (0 for none), or undefined if there is no such node. Calls once when it changes. */
  owner(path: string, changed?: () => void): Promise<bigint | undefined>;
  data(path: string): Promise<Buffer>;
  /** Names of the nodes below a node. Calls once when they change, or when the node itself is removed. */
  children(path: string, changed?: () => void): Promise<readonly string[]>;
  /** Resolves when this server knows all that was done before. */
  sync(): Promise<void>;
  /** Is this the session's id? */
  owns(owner: bigint | undefined): boolean;
  /** Ends it in good order: its ephemeral nodes are removed at once if a server can be told. Resolves when nothing is left. */
  close(): Promise<void>;
}

/** Opens a session: tries the servers in random order until one answers, however long it takes. */
export function openSession(options: SessionOptions, events: SessionEvents): Session {
  const servers = shuffled(options.servers);
  let timeoutMs = options.timeoutMs;
  let state: 'open' | 'ended' = 'open';
  let connection: Connection | undefined;
  let isConnected = false;
  let key: SessionKey | undefined;
  let lease: Lease | undefined;
  let zxid = 0n;
  /** Connections tried since the last one that worked. */
  let attempts = 0;
  let nextServer = 0;
  /** Why the last connection ended. */
  let trouble = '';
  let retry: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let closing = Promise.resolve();
  const watches = new Map<string, Set<() => void>>();

  function connect(): void {
    const server = servers[nextServer++ % servers.length] as Server;
    const opened: Connection = openConnection(
      {
        server,
        timeoutMs,
        zxid,
        key,
        credentials: options.credentials,
        answerLimitMs: timeoutMs * ANSWER_LIMIT,
      },
      {
        welcomed: (welcome, sentMs) => welcomed(welcome, sentMs),
        changed: (path) => {
          const told = watches.get(path);
          watches.delete(path);
          for (const changed of told ?? []) changed();
        },
        closed: (reason) => {
          trouble = reason;
          if (opened.zxid > zxid) zxid = opened.zxid;
          disconnected();
        },
      },
    );
    connection = opened;
  }

  function welcomed(welcome: Welcome, sentMs: number): void {
    if (welcome.timeoutMs <= 0 && key !== undefined) return end('the ZooKeeper session has expired');
    if (welcome.timeoutMs <= 0) return leave('a server refused to open a session');
    if (lease === undefined) {
      timeoutMs = welcome.timeoutMs;
      lease = sessionLease(timeoutMs);
    } else if (!lives()) return end(outOfReach());
    key = welcome.key;
    lease.accepted(sentMs);
    checkLease();
    if (!lives()) return;
    attempts = 0;
    isConnected = true;
    beat();
    events.connected();
  }

  function disconnected(): void {
    connection = undefined;
    isConnected = false;
    watches.clear();
    clearTimeout(heartbeat);
    if (state === 'ended') return;
    const wait = Math.min(RETRY_MS * 2 ** attempts++, timeoutMs * RETRY_MAX);
    // Many clients lose the same server at the same moment; they shall not come back as one.
    retry = setTimeout(connect, wait * (0.5 + Math.random() / 2));
  }

  /** Gives up the connection. */
  function leave(reason: string): void {
    trouble = reason;
    connection?.drop();
    disconnected();
  }

  /** Sends a sync, and the next one when it is time and this one is answered. */
  function beat(): void {
    const used = connection;
    const sentMs = performance.now();
    sync().then(
      () => {
        // The answer may have waited while this process was stopped: what has ended stays ended.
        if (used !== connection || !lives()) return;
        const now = performance.now();
        lease?.synced(sentMs, now);
        heartbeat = setTimeout(beat, Math.max(0, sentMs + timeoutMs / HEARTBEATS_PER_TIMEOUT - now));
      },
      (error: ZookeeperError) => {
        if (error.code === 'SESSION_EXPIRED') end('the ZooKeeper session has expired');
        // Any other refusal is no sign of life: another server may know better.
        else if (used === connection) leave(error.message);
      },
    );
  }

  function lives(): boolean {
    return state === 'open' && lease !== undefined && performance.now() < lease.untilMs;
  }

  /** Ends the session when its lease does. */
  function checkLease(): void {
    clearTimeout(expiry);
    if (lease === undefined || state === 'ended') return;
    const leftMs = lease.untilMs - performance.now();
    if (leftMs <= 0) end(outOfReach());
    else expiry = setTimeout(checkLease, Math.ceil(leftMs));
  }

  function outOfReach(): string {
    return `ZooKeeper has been out of reach for too long${trouble && ` (${trouble})`}`;
  }

  function end(reason: string): void {
    if (state === 'ended') return;
    const last = stop();
    events.ended(reason);
    // If the connection still works, those who wait for the nodes to go need not wait for the timeout.
    if (last !== undefined) closing = last.closeSession();
  }

  function stop(): Connection | undefined {
    state = 'ended';
    for (const timer of [retry, heartbeat, expiry]) clearTimeout(timer);
    const last = connection;
    connection = undefined;
    watches.clear();
    if (isConnected) return last;
    last?.drop();
    return undefined;
  }

  function ask<T>(operation: number, body: Buffer, read: (answer: JuteReader) => T): Promise<T> {
    if (connection === undefined)
      return Promise.reject(new ZookeeperError('CONNECTION_LOSS', 'not connected to ZooKeeper'));
    return connection.request(operation, body, read);
  }

  function sync(): Promise<void> {
    return ask(OPERATION.sync, text('/'), () => {});
  }

  function watch(path: string, changed: (() => void) | undefined): Buffer {
    if (changed !== undefined) watches.set(path, (watches.get(path) ?? new Set()).add(changed));
    return Buffer.concat([text(path), bool(changed !== undefined)]);
  }

  // Not at once, so that nothing is told before this function has returned.
  retry = setTimeout(connect, 0);

  return {
    lives,
    create: (spec) => ask(OPERATION.create, createBody(spec), (answer) => answer.text()),
    remove: (path) => ask(OPERATION.delete, Buffer.concat([text(path), int(-1)]), () => {}),
    owner: (path, changed) =>
      ask(OPERATION.exists, watch(path, changed), readOwner).catch((error: ZookeeperError) => {
        if (error.code === 'NO_NODE') return undefined;
        throw error;
      }),
    data: (path) => ask(OPERATION.getData, watch(path, undefined), (answer) => Buffer.from(answer.bytes())),
    children: (path, changed) => ask(OPERATION.getChildren, watch(path, changed), (answer) => answer.texts()),
    sync,
    owns: (owner) => owner !== undefined && owner === key?.id,
    close() {
      const last = state === 'open' ? stop() : undefined;
      if (last !== undefined) closing = last.closeSession();
      return closing;
    },
  };
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
