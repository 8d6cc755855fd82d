/** Where a daemon is reached: TLS 1.3 on one address, for the controller of its deployment and nobody else. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { CONTROLLER, type MachineKeys } from './keys.ts';
import { MESSAGE_BYTES_MAX } from './protocol.ts';

/** A daemon's door. */
export interface Listener {
  readonly port: number;
  /** How many controllers are connected. */
  connections(): number;
  close(): void;
}

/** More connections of controllers are refused. */
const CONNECTIONS_MAX = 64;
/** A connection that has not proved itself by then is closed. */
const HANDSHAKE_LIMIT_MS = 5_000;
/** So many may be about to. One more takes the place of the one that has waited longest, of the caller that has most. */
const WAITING_MAX = 64;
const STREAMS_MAX = 1_024;
/** Bytes that may be under way on a stream. */
export const WINDOW_BYTES = 1024 * 1024;

/** Listens. `add` adds the methods. `log` is told who is refused. Rejects with one sentence that names what is wrong. */
export async function listen(
  address: { readonly ip: string; readonly port: number },
  keys: MachineKeys,
  add: (server: Server) => void,
  log: (line: string) => void,
): Promise<Listener> {
  checkKeys(keys);
  const grpc = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc-node.flow_control_window': WINDOW_BYTES,
    'grpc.enable_channelz': 0,
  });
  add(grpc);
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  /** Those that have not proved themselves yet, by what they call from, in the order in which they came. */
  const waiting = new Map<string, Socket>();
  const controllers = new Set<TLSSocket>();
  const server = createServer({
    ca: keys.ca,
    cert: keys.cert,
    key: keys.key,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
  });
  server.on('connection', (socket: Socket) => {
    const from = endpointOf(socket);
    waiting.set(from, socket);
    socket.on('error', () => {});
    socket.once('close', () => waiting.delete(from));
    if (waiting.size > WAITING_MAX) longestOf([...waiting.values()])?.destroy();
  });
  server.on('tlsClientError', (error, socket) => {
    log(`refused ${socket.remoteAddress ?? 'a caller'}: ${error.message}`);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    waiting.delete(endpointOf(socket));
    socket.on('error', () => {});
    const refuse = (why: string): void => {
      log(`refused ${socket.remoteAddress}: ${why}`);
      socket.destroy();
    };
    // Of this deployment are also the machines. They give no orders.
    if (socket.getPeerCertificate().subject?.CN !== CONTROLLER)
      return refuse("its certificate is not the controller's");
    if (controllers.size >= CONNECTIONS_MAX) return refuse(`${CONNECTIONS_MAX} controllers are connected`);
    controllers.add(socket);
    socket.once('close', () => controllers.delete(socket));
    injector.injectConnection(socket);
  });
  server.listen(address.port, address.ip);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(complaint(address, error as NodeJS.ErrnoException), { cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => controllers.size,
    close() {
      server.close();
      grpc.forceShutdown();
      for (const socket of [...waiting.values(), ...controllers]) socket.destroy();
    },
  };
}

const endpointOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

/** The first one of the caller that has most: nobody keeps others out by calling often. */
function longestOf(sockets: readonly Socket[]): Socket | undefined {
  const callers = Map.groupBy(sockets, ({ remoteAddress }) => remoteAddress);
  return [...callers.values()].toSorted((a, b) => b.length - a.length)[0]?.[0];
}

function checkKeys({ ca, cert, key }: MachineKeys): void {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new Error('the key is not that of the certificate');
    if (!certificate.verify(new X509Certificate(ca).publicKey))
      throw new Error("the certificate is not signed by the deployment's authority");
  } catch (error) {
    throw new Error(`the keys of the machine are no good: ${(error as Error).message}`, { cause: error });
  }
}

function complaint(
  { ip, port }: { readonly ip: string; readonly port: number },
  error: NodeJS.ErrnoException,
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} of ${ip} is in use: choose another one, or 0 for any`;
    case 'EADDRNOTAVAIL':
      return `${ip} is not an address of this machine`;
    case 'EACCES':
      return `port ${port} of ${ip} is not for this user: choose one above 1023`;
    default:
      return `${ip}:${port} cannot be listened on: ${error.message}`;
  }
}
