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

/** More connections are refused. */
const CONNECTIONS_MAX = 64;
/** A connection that has not proved itself by then is closed. */
const HANDSHAKE_LIMIT_MS = 5_000;
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
  const sockets = new Set<Socket>();
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
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    log(`refused ${socket.remoteAddress ?? 'a caller'}: ${error.message}`);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => {});
    // Of this deployment are also the machines. They give no orders.
    if (socket.getPeerCertificate().subject?.CN !== CONTROLLER) {
      log(`refused ${socket.remoteAddress}: its certificate is not the controller's`);
      socket.destroy();
      return;
    }
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
    connections: () => sockets.size,
    close() {
      server.close();
      grpc.forceShutdown();
      for (const socket of sockets) socket.destroy();
    },
  };
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
