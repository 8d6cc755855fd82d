/** The way from a controller to a daemon: its port itself, or, where nothing but the machine's shell leads there, a relay. */
import { createConnection } from 'node:net';
import type { Place } from '../place.ts';
import { MachineError } from './channel.ts';
import type { DaemonRecord } from './record.ts';
import { openRelay, RelayError, type RelayVia, tryRelay } from './relay.ts';

/** A way to a daemon. */
export interface Route {
  readonly is: 'direct' | 'relayed';
  /** Where to connect. */
  readonly ip: string;
  readonly port: number;
  /**
   * Finds out whether anybody listens; calls back with what is wrong, or nothing. gRPC would go on trying to connect to a machine that
   * is silent, and keep this process from ending, for minutes. Returns a way to cancel.
   */
  knock(limitMs: number, knocked: (failure: MachineError | undefined) => void): () => void;
  close(): void;
}

/** A port that is reached answers by then, or a shell is tried. */
const DIRECT_LIMIT_MS = 2_000;

/** The machine's shell, if there is one to try, and whether its network is apart. */
export interface RouteVia {
  readonly shell?: Place['shell'] | undefined;
  readonly network?: Place['network'] | undefined;
}

/** A port of a machine: a daemon's, or another's. */
export type Destination = Pick<DaemonRecord, 'name' | 'ip' | 'port' | 'lab'>;

/** The way there. With a shell: through that, if the port is not reached directly. */
export async function routeTo(record: Destination, { shell, network }: RouteVia): Promise<Route> {
  const direct = directRoute(record);
  if (shell === undefined) return direct;
  const via = { shell, lab: record.lab };
  if (network === 'apart') return relayedRoute(record, via);
  if (await isReached(direct)) return direct;
  const failure = await tryRelay(via, record.ip, record.port).catch((error: RelayError) => error);
  // A machine that cannot be reached in either way is told of by its address.
  return failure instanceof RelayError && failure.code === undefined ? direct : relayedRoute(record, via);
}

/** Whether somebody listens there who is reached from here without any shell. */
export function isReachedDirectly(destination: Destination): Promise<boolean> {
  return isReached(directRoute(destination));
}

function isReached(route: Route): Promise<boolean> {
  return new Promise((resolve) => {
    route.knock(DIRECT_LIMIT_MS, (failure) => resolve(failure === undefined));
  });
}

function directRoute(record: Destination): Route {
  const { ip, port } = record;
  return {
    is: 'direct',
    ip,
    port,
    knock(limitMs, knocked) {
      const socket = createConnection({ host: ip, port, timeout: limitMs });
      const cancel = (): void => {
        socket.removeAllListeners().on('error', () => {});
        socket.destroy();
      };
      const end = (failure?: MachineError): void => {
        cancel();
        knocked(failure);
      };
      socket.once('connect', () => end());
      socket.once('timeout', () => end(silent(record)));
      socket.once('error', ({ code, message }: NodeJS.ErrnoException) => end(closed(record, code, message)));
      return cancel;
    },
    close() {},
  };
}

async function relayedRoute(record: Destination, via: RelayVia): Promise<Route> {
  const relay = await openRelay(via, record.ip, record.port);
  return {
    is: 'relayed',
    ip: '127.0.0.1',
    port: relay.port,
    knock(limitMs, knocked) {
      const over = new AbortController();
      const cancel = (): void => {
        clearTimeout(limit);
        over.abort();
      };
      const end = (failure?: MachineError): void => {
        if (over.signal.aborted) return;
        cancel();
        knocked(failure);
      };
      const limit = setTimeout(() => end(silent(record)), limitMs);
      tryRelay(via, record.ip, record.port, over.signal).then(
        () => end(),
        ({ code, message }: RelayError) => end(closed(record, code, message)),
      );
      return cancel;
    },
    close: relay.close,
  };
}

function silent({ name, ip, port }: Destination): MachineError {
  return new MachineError(name, `nothing answers at ${ip}:${port}`, true);
}

function closed({ name, ip, port }: Destination, code: string | undefined, message: string): MachineError {
  // Nobody is there to be found later: a daemon that ends takes all with it, and another one knows nothing of us.
  return code === 'ECONNREFUSED'
    ? new MachineError(name, `no daemon listens on ${ip}:${port}; has it ended?`, false)
    : new MachineError(name, `no network leads to ${ip}:${port}: ${message}`, true);
}
