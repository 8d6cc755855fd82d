/** All that a master serves over HTTP. */
import { ofRole } from '../allocation/options.ts';
import type { MasterObserver } from '../master/observer.ts';
import type { Reign } from '../master/reign.ts';
import type { MasterWindow } from '../master/window.ts';
import type { Runtime } from '../runtime/actor.ts';
import { VERSION } from '../version.ts';
import type { Authenticator } from './authentication.ts';
import { classicActions, quotaOfRole } from './classicActions.ts';
import { EMPTY, type Endpoint, jsonFor } from './exchange.ts';
import { toLeader } from './leader.ts';
import { offersList } from './offersList.ts';
import { operatorActions } from './operatorActions.ts';
import { type OperatorHandlers, operatorApi } from './operatorApi.ts';
import { pageFiles } from './pageFiles.ts';
import { type Chronicler, chronicler } from './reads/chronicler.ts';
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
  /** Weights of roles by which the master was started. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Whose observer watches the master; default: one of its own. */
  readonly chronicler?: Chronicler;
  /** The name of the cluster. */
  readonly cluster?: string;
  /** How the master was started, without secrets. */
  readonly flags?: Readonly<Record<string, string>>;
  /** How slaves are reached by browsers; default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Host names by which it may be called if nobody has to authenticate; default: any. */
  readonly hosts?: ReadonlySet<string>;
  /** Bytes that may wait for one reader of a stream before it is dropped; default 64 MiB. */
  readonly bufferedBytesMax?: number;
  /** Event streams of the operator API that there may be; default 1000, as in Apache Mesos. */
  readonly subscribersMax?: number;
  readonly log: (line: string) => void;
}

/** A master's server. */
export interface MasterServer extends HttpServer {
  /** Is to be told what happens in the master. */
  readonly observer: MasterObserver;
}

const BUFFERED_BYTES_MAX = 64 << 20;
const SUBSCRIBERS_MAX = 1000;
/** Anybody may ask for these: they tell nothing of the cluster. */
const PUBLIC = new Set(['/health', '/version', '/redirect']);

/** Makes the server. */
export function masterServer(options: MasterServerOptions): MasterServer {
  const { runtime, window, authenticate, cluster, hosts, scheme = 'http', log } = options;
  const { flags = {}, weights = {}, chronicler: chronicles = chronicler() } = options;
  const { bufferedBytesMax = BUFFERED_BYTES_MAX, subscribersMax = SUBSCRIBERS_MAX } = options;
  const archive: Archive = { window, chronicler: chronicles, press: press() };
  const watchers = subscribers({ archive, bufferedBytesMax, subscribersMax, log });
  const metrics = (): MetricsSource => ({
    window: window(),
    chronicle: chronicles.chronicle,
    counts: chronicles.counts,
    subscribers: watchers.size,
    readersDropped: archive.press.dropped,
  });
  const weightOf = (role: string): number =>
    window()?.reign?.books.directives.weights.get(role) ?? ofRole<number>(weights, role, 1);
  const schedulers = schedulerApi({ runtime, window, scheme, bufferedBytesMax, log });
  chronicles.follow({ reignEnded: () => schedulers.endAll() });
  const handlers: OperatorHandlers = {
    ...operatorReads({ archive, flags, weightOf, metrics }),
    ...operatorActions(weights),
    SUBSCRIBE: watchers.handler,
  };
  const page = pageFiles({ originOf: (slaveId) => slaveOrigin(window()?.reign, slaveId, scheme) });
  const endpoints = new Map<string, Endpoint>([
    ...page,
    ['/api/v1', operatorApi(window, handlers)],
    ['/api/v1/scheduler', schedulers.endpoint],
    ['/health', () => ({ status: 200, headers: EMPTY })],
    ['/version', (request) => jsonFor(request, { version: VERSION })],
    ['/redirect', redirect(window)],
    ...classicEndpoints(archive, { cluster, flags, weightOf }),
    ...classicActions(window, weights),
    ...metricsEndpoints(archive, metrics),
    ['/offers', offersList(window)],
    ['/why-no-offers', whyNoOffers(archive)],
  ]);
  const server = httpServer({
    endpoints,
    otherwise: quotaOfRole(window),
    prefixes: ['/master'],
    authenticate,
    isPublic: (path) => PUBLIC.has(path) || page.has(path),
    ...(hosts && { hosts }),
    log,
  });
  return { ...server, observer: chronicles.observer };
}

/** Where a slave serves its files. */
function slaveOrigin(reign: Reign | undefined, slaveId: string, scheme: string): string | undefined {
  const slave = reign?.books.slaves.get(slaveId);
  return slave && `${scheme}://${endpointOf(slave.address)}`;
}

/** To the leader, also at the leader. */
function redirect(window: () => MasterWindow | undefined): Endpoint {
  return () => toLeader(window()?.leader, '');
}
