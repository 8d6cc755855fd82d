/** All that a master serves over HTTP. */
import type { MasterObserver } from '../master/observer.ts';
import type { Reign } from '../master/reign.ts';
import type { MasterWindow } from '../master/window.ts';
import type { Runtime } from '../runtime/actor.ts';
import { VERSION } from '../version.ts';
import type { Authenticator } from './authentication.ts';
import { EMPTY, type Endpoint, json, Refusal } from './exchange.ts';
import { toLeader } from './leader.ts';
import { offersList } from './offersList.ts';
import { type OperatorHandlers, operatorApi } from './operatorApi.ts';
import { pageFiles } from './pageFiles.ts';
import { type Chronicler, chronicler as newChronicler } from './reads/chronicler.ts';
import { classicEndpoints } from './reads/classicEndpoints.ts';
import { endpointOf } from './reads/classicSlaves.ts';
import type { Archive } from './reads/document.ts';
import type { MetricsSource } from './reads/metrics.ts';
import { metricsEndpoints } from './reads/metricsEndpoints.ts';
import { operatorReads } from './reads/operatorReads.ts';
import { press } from './reads/press.ts';
import { subscribers } from './reads/subscribers.ts';
import { whyNoOffers } from './reads/whyNoOffers.ts';
import { schedulerApi } from './schedulerApi.ts';
import { type HttpServer, httpServer } from './server.ts';

/** How a master's server is set up. */
export interface MasterServerOptions {
  readonly runtime: Runtime;
  readonly window: () => MasterWindow | undefined;
  readonly authenticate: Authenticator;
  /** Whose observer watches the master; default: one of its own. */
  readonly chronicler?: Chronicler;
  /** The name of the cluster. */
  readonly cluster?: string;
  /** How the master was started, without secrets. */
  readonly flags?: Readonly<Record<string, string>>;
  /** The weight of a role; default 1. */
  readonly weightOf?: (role: string) => number;
  /** How slaves are reached by browsers; default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Host names by which it may be called if nobody has to authenticate; default: any. */
  readonly hosts?: ReadonlySet<string>;
  /** Bytes that may wait for one reader of a stream before it is dropped; default 64 MiB. */
  readonly bufferedBytesMax?: number;
  readonly log: (line: string) => void;
}

/** A master's server. */
export interface MasterServer extends HttpServer {
  /** Is to be told what happens in the master. */
  readonly observer: MasterObserver;
}

const BUFFERED_BYTES_MAX = 64 << 20;
/** Anybody may ask for these: they tell nothing of the cluster. */
const PUBLIC = new Set(['/health', '/version', '/redirect']);

/** Makes the server. */
export function masterServer(options: MasterServerOptions): MasterServer {
  const { runtime, window, authenticate, cluster, hosts, scheme = 'http', log } = options;
  const { flags = {}, weightOf = () => 1, bufferedBytesMax = BUFFERED_BYTES_MAX } = options;
  const { chronicler = newChronicler() } = options;
  const archive: Archive = { window, chronicler, press: press() };
  const watchers = subscribers({ archive, bufferedBytesMax, log });
  const metrics = (): MetricsSource => ({
    window: window(),
    chronicle: chronicler.chronicle,
    counts: chronicler.counts,
    subscribers: watchers.size,
    readersDropped: archive.press.dropped,
  });
  const schedulers = schedulerApi({ runtime, window, bufferedBytesMax, log });
  const handlers: OperatorHandlers = {
    ...operatorReads({ archive, flags, weightOf, metrics }),
    SUBSCRIBE: watchers.handler,
  };
  const page = pageFiles({ originOf: (slaveId) => slaveOrigin(window()?.reign, slaveId, scheme) });
  const endpoints = new Map<string, Endpoint>([
    ...page,
    ['/api/v1', operatorApi(window, handlers)],
    ['/api/v1/scheduler', schedulers.endpoint],
    ['/health', () => ({ status: 200, headers: EMPTY })],
    ['/version', () => json({ version: VERSION })],
    ['/redirect', redirect(window)],
    ...classicEndpoints(archive, { cluster, flags, weightOf }),
    ...metricsEndpoints(archive, metrics),
    ['/offers', offersList(window)],
    ['/why-no-offers', whyNoOffers(archive)],
  ]);
  const server = httpServer({
    endpoints,
    prefixes: ['/master'],
    authenticate,
    isPublic: (path) => PUBLIC.has(path) || page.has(path),
    ...(hosts && { hosts }),
    log,
  });
  chronicler.follow({ reignEnded: () => schedulers.endAll() });
  return { ...server, observer: chronicler.observer };
}

/** Where a slave serves its files. */
function slaveOrigin(reign: Reign | undefined, slaveId: string, scheme: string): string | undefined {
  const slave = reign?.books.slaves.get(slaveId);
  return slave && `${scheme}://${endpointOf(slave.address)}`;
}

/** To the leader, also at the leader. */
function redirect(window: () => MasterWindow | undefined): Endpoint {
  return () => {
    const leader = window()?.leader;
    if (leader === undefined) throw new Refusal(503, 'No leader elected');
    return toLeader(leader, '');
  };
}
