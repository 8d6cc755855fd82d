/** All that a master serves over HTTP. */
import type { MasterObserver } from '../master/observer.ts';
import type { MasterWindow } from '../master/window.ts';
import type { Runtime } from '../runtime/actor.ts';
import { VERSION } from '../version.ts';
import type { Authenticator } from './authentication.ts';
import { EMPTY, type Endpoint, json, Refusal } from './exchange.ts';
import { toLeader } from './leader.ts';
import { type OperatorHandlers, operatorApi } from './operatorApi.ts';
import { operatorReads } from './operatorReads.ts';
import { schedulerApi } from './schedulerApi.ts';
import { type HttpServer, httpServer } from './server.ts';

/** How a master's server is set up. */
export interface MasterServerOptions {
  readonly runtime: Runtime;
  readonly window: () => MasterWindow | undefined;
  readonly authenticate: Authenticator;
  /** Host names by which it may be called if nobody has to authenticate; default: any. */
  readonly hosts?: ReadonlySet<string>;
  /** Bytes that may wait for one reader of a stream before it is dropped; default 64 MiB. */
  readonly bufferedBytesMax?: number;
  readonly log: (line: string) => void;
}

/** A master's server. */
export interface MasterServer extends HttpServer {
  /** What the master is to tell of itself. */
  readonly observer: MasterObserver;
}

const BUFFERED_BYTES_MAX = 64 << 20;
/** Anybody may ask for these: they tell nothing of the cluster. */
const PUBLIC = new Set(['/health', '/version', '/redirect']);

/** Makes the server. */
export function masterServer(options: MasterServerOptions): MasterServer {
  const { runtime, window, authenticate, hosts, log } = options;
  const { bufferedBytesMax = BUFFERED_BYTES_MAX } = options;
  const schedulers = schedulerApi({ runtime, window, bufferedBytesMax, log });
  const handlers: OperatorHandlers = { ...operatorReads() };
  const endpoints = new Map<string, Endpoint>([
    ['/api/v1', operatorApi(window, handlers)],
    ['/api/v1/scheduler', schedulers.endpoint],
    ['/health', () => ({ status: 200, headers: EMPTY })],
    ['/version', () => json({ version: VERSION })],
    ['/redirect', redirect(window)],
  ]);
  const server = httpServer({
    endpoints,
    prefixes: ['/master'],
    authenticate,
    isPublic: (path) => PUBLIC.has(path),
    ...(hosts && { hosts }),
    log,
  });
  return { ...server, observer: { ...UNINTERESTED, reignEnded: () => schedulers.endAll() } };
}

const nothing = (): void => {};

const UNINTERESTED: MasterObserver = {
  reignBegun: nothing,
  reignEnded: nothing,
  received: nothing,
  frameworkAdded: nothing,
  frameworkUpdated: nothing,
  frameworkRemoved: nothing,
  called: nothing,
  slaveAdded: nothing,
  slaveUpdated: nothing,
  slaveRemoved: nothing,
  offerMade: nothing,
  offerEnded: nothing,
  taskAdded: nothing,
  taskUpdated: nothing,
  taskRemoved: nothing,
};

/** To the leader, also at the leader. */
function redirect(window: () => MasterWindow | undefined): Endpoint {
  return () => {
    const leader = window()?.leader;
    if (leader === undefined) throw new Refusal(503, 'No leader elected');
    return toLeader(leader, '');
  };
}
