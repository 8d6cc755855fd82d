/** All that a slave serves over HTTP. */
import { sandboxFiles } from '../isolation/sandboxFiles.ts';
import { type Address, processOf, type Runtime } from '../runtime/actor.ts';
import type { SlaveWindow } from '../slave/window.ts';
import { VERSION } from '../version.ts';
import { agentApi } from './agentApi.ts';
import type { Authenticator } from './authentication.ts';
import { requireGet } from './calls.ts';
import { EMPTY, type Endpoint, jsonFor, Refusal } from './exchange.ts';
import { type ExecutorAuthentication, executorApi } from './executorApi.ts';
import { files } from './files.ts';
import { type HttpServer, httpServer } from './server.ts';
import { metricsOf } from './slaveMetrics.ts';
import { containersOf, monitorOf, stateOf } from './slaveState.ts';

/** How a slave's server is set up. */
export interface SlaveServerOptions {
  readonly runtime: Runtime;
  readonly window: () => SlaveWindow | undefined;
  /** Who may look at the slave. */
  readonly authenticate: Authenticator;
  readonly executors: ExecutorAuthentication;
  /** Where the sandboxes are; absent: there are none to be shown. */
  readonly workDir?: string;
  /** How the slave was started, for those who ask; nothing secret. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Host names by which it may be called if nobody has to authenticate; default: any. */
  readonly hosts?: ReadonlySet<string>;
  /** How the pages of the cluster are reached; default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Whose pages may read here beside the master's, by their origins. */
  readonly origins?: ReadonlySet<string>;
  /** Bytes that may wait for one reader of a stream before it is dropped; default 64 MiB. */
  readonly bufferedBytesMax?: number;
  readonly log: (line: string) => void;
}

const BUFFERED_BYTES_MAX = 64 << 20;
const EXECUTOR_API = '/api/v1/executor';
/** Anybody may ask for these: they tell nothing of the cluster; and executors authenticate in their own way. */
const PUBLIC = new Set(['/health', '/version', EXECUTOR_API]);

/** Makes the server. */
export function slaveServer(options: SlaveServerOptions): HttpServer {
  const { runtime, window, authenticate, executors, workDir, hosts, log } = options;
  const { bufferedBytesMax = BUFFERED_BYTES_MAX } = options;
  const own = { workDir, flags: options.flags ?? {} };
  const shown = workDir === undefined ? undefined : files({ files: sandboxFiles(workDir), workDir, window });
  const read = (write: (slave: SlaveWindow) => unknown): Endpoint => reading(window, write);
  const endpoints = new Map<string, Endpoint>([
    [EXECUTOR_API, executorApi({ runtime, window, authentication: executors, bufferedBytesMax, log })],
    ['/health', () => ({ status: 200, headers: EMPTY })],
    ['/version', (request) => jsonFor(request, { version: VERSION })],
    ['/state', read((slave) => stateOf(slave, own))],
    ['/flags', read(() => ({ flags: own.flags }))],
    ['/metrics/snapshot', read(metricsOf)],
    ['/containers', read(containersOf)],
    ['/monitor/statistics', read(monitorOf)],
    ['/api/v1', agentApi({ window, files: shown, flags: own.flags })],
    ...(shown?.endpoints ?? []),
  ]);
  return httpServer({
    endpoints,
    // Mesos numbers the slaves of a process; there is one.
    prefixes: ['/slave(1)', '/slave'],
    authenticate,
    isPublic: (path) => PUBLIC.has(path),
    ...(hosts && { hosts }),
    isFriend: (origin) =>
      options.origins?.has(origin) || isOriginOf(origin, options.scheme ?? 'http', window()?.master),
    log,
  });
}

/** Answers what the slave has to tell. */
function reading(window: () => SlaveWindow | undefined, write: (slave: SlaveWindow) => unknown): Endpoint {
  return (request) => {
    requireGet(request);
    const slave = window();
    if (slave === undefined) throw new Refusal(503, 'Agent has not finished recovery');
    return jsonFor(request, write(slave));
  };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Is this the origin of the pages of a master? A machine is called by several names among its own processes. */
export function isOriginOf(origin: string, scheme: 'http' | 'https', master: Address | undefined): boolean {
  if (master === undefined) return false;
  const expected = `${scheme}://${processOf(master)}`;
  if (!URL.canParse(origin) || !URL.canParse(expected)) return false;
  const [theirs, own] = [new URL(origin), new URL(expected)];
  if (theirs.protocol !== own.protocol || theirs.port !== own.port) return false;
  return theirs.hostname === own.hostname || (LOOPBACK.has(theirs.hostname) && LOOPBACK.has(own.hostname));
}
