/** The way from a controller to a daemon: its port itself, or, where nothing but the machine's shell leads there, a relay. */
import { createConnection } from 'node:net';
import type { Place } from '../place.ts';
import { within } from '../wallClock.ts';
import { MachineError } from './channel.ts';
import type { DaemonRecord } from './record.ts';
import { openRelay, type RelayError, type RelayVia, tryRelay } from './relay.ts';

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

/** A port that is reached answers by then. */
const DIRECT_LIMIT_MS = 2_000;
/** If it has not answered by then, a shell is tried beside it: firewalls say nothing, and most ports that are reached answer sooner. */
const HEAD_START_MS = 250;

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
  // A machine that cannot be reached in either way is told of by its address.
  return (await firstWay([record], via)) === 'shell' ? relayedRoute(record, via) : direct;
}

/**
 * How these ports of a machine are reached: directly, if any of them is, or through its shell, if that answers first. A port that is
 * closed tells nothing: a firewall may have said so.
 */
export async function firstWay(
  ports: readonly [Destination, ...Destination[]],
  via: RelayVia,
): Promise<'direct' | 'shell' | 'none'> {
  const over = new AbortController();
  const direct = isAnyReached(ports, over.signal);
  try {
    if (await within(HEAD_START_MS, over.signal, direct)) return 'direct';
    const [{ ip, port }] = ports;
    const shell = tryRelay(via, ip, port, over.signal).then(
      () => true,
      // Who names what is wrong with the port is on the machine.
      ({ code }: RelayError) => code !== undefined,
    );
    const first = await Promise.race([
      direct.then((is) => (is ? 'direct' : undefined)),
      shell.then((is) => (is ? 'shell' : undefined)),
    ]);
    if (first !== undefined) return first;
    if (await direct) return 'direct';
    return (await shell) ? 'shell' : 'none';
  } finally {
    over.abort();
  }
}

function isAnyReached(ports: readonly Destination[], over: AbortSignal): Promise<boolean> {
  const knocks = ports.map(
    (port) =>
      new Promise<void>((resolve, reject) => {
        const cancel = directRoute(port).knock(DIRECT_LIMIT_MS, (failure) =>
          failure === undefined ? resolve() : reject(failure),
        );
        over.addEventListener('abort', cancel);
      }),
  );
  return Promise.any(knocks).then(
    () => true,
    () => false,
  );
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
