/**
 * Where links come in: a gRPC server on a TCP server of our own, so that connections can be counted, bounded and ended.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Millis } from './actor.ts';
import { asIs, EXCHANGE, Link, type LinkOptions } from './link.ts';
import { type Hello, hostPort, isAuthorized, linkId, readHello, writeHello } from './linkHello.ts';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** How the server behaves. */
export interface LinkServerOptions extends LinkOptions {
  /** More connections are refused. */
  readonly connectionsMax: number;
  /** A connection that has not brought a proper hello by then is closed. */
  readonly helloTimeoutMs: Millis;
}

/** A caller with a proper hello, waiting for an answer. */
export interface IncomingCall {
  readonly hello: Hello;
  /** The id of the link that it asks for. */
  readonly id: string;
  /** Answers: the link is there. */
  accept(own: Hello): Link;
  /** Answers: no link. */
  refuse(code: status, reason: string): void;
  /** Is told once if the caller goes away before the answer. */
  onGone(gone: () => void): void;
}

/** Who is told of callers. */
export interface LinkServerEvents {
  called(call: IncomingCall): void;
  /** Someone was turned away. */
  refused(peer: string, reason: string): void;
}

/** A server that is listening. */
export interface LinkServer {
  /** The port that it listens on. */
  readonly port: number;
  /** Takes no more callers; `close` ends the connections too. */
  stop(): void;
  close(): Promise<void>;
}

type Call = ServerDuplexStream<Buffer, Buffer>;

/** Connections that the kernel holds for us while we are busy. */
const BACKLOG = 4096;

/** Starts to listen. Fails with one sentence if it cannot. */
export async function listen(
  address: ListenAddress,
  options: LinkServerOptions,
  events: LinkServerEvents,
): Promise<LinkServer> {
  const sockets = new Map<string, Connection>();
  const server = new Server({
    'grpc.max_receive_message_length': options.frameBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': options.keepaliveMs,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
    'grpc.max_concurrent_streams': 4,
    'grpc.enable_channelz': 0,
  });
  server.addService(
    {
      Exchange: {
        path: EXCHANGE,
        requestStream: true,
        responseStream: true,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    { Exchange: (call: Call) => greet(call, sockets.get(call.getPeer()), options, events) },
  );
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer({ noDelay: true });
  listener.maxConnections = options.connectionsMax;
  listener.on('connection', (socket) => {
    const key = `${socket.remoteAddress}:${socket.remotePort}`;
    const timer = setTimeout(() => {
      events.refused(key, 'it connected but sent no proper hello');
      socket.destroy();
    }, options.helloTimeoutMs);
    sockets.set(key, { socket, timer, greeted: false });
    socket.once('close', () => {
      clearTimeout(timer);
      sockets.delete(key);
    });
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  listener.on('drop', (drop) =>
    events.refused(
      `${drop?.remoteAddress}:${drop?.remotePort}`,
      `${options.connectionsMax} connections are open`,
    ),
  );
  const port = await bind(listener, address);
  let closed: Promise<void> | undefined;
  const stop = (): void => {
    closed ??= new Promise((resolve) => listener.close(() => resolve()));
  };
  return {
    port,
    stop,
    close: async () => {
      stop();
      injector.destroy();
      server.forceShutdown();
      for (const { socket } of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

interface Connection {
  readonly socket: Socket;
  /** Ends the connection if no hello comes. */
  readonly timer: NodeJS.Timeout;
  /** One connection carries one link. */
  greeted: boolean;
}

function greet(
  call: Call,
  connection: Connection | undefined,
  options: LinkServerOptions,
  events: LinkServerEvents,
): void {
  call.on('error', () => {});
  const refuse = (code: status, details: string): void => {
    call.emit('error', { code, details });
  };
  if (!isAuthorized(call.metadata, options.secret)) {
    events.refused(call.getPeer(), 'it does not know the secret');
    return refuse(status.UNAUTHENTICATED, 'wrong secret; give both processes the same');
  }
  const hello = readHello(call.metadata);
  if (typeof hello === 'string') {
    events.refused(call.getPeer(), hello);
    return refuse(status.FAILED_PRECONDITION, hello);
  }
  if (connection === undefined || connection.greeted)
    return refuse(status.FAILED_PRECONDITION, 'one connection carries one link');
  connection.greeted = true;
  const { socket } = connection;
  clearTimeout(connection.timer);
  let gone: (() => void) | undefined;
  call.once('cancelled', () => gone?.());
  events.called({
    hello,
    id: linkId(hello),
    refuse: (code, details) => {
      gone = undefined;
      refuse(code, details);
      socket.setTimeout(options.helloTimeoutMs, () => socket.destroy());
    },
    accept: (own) => {
      gone = undefined;
      call.sendMetadata(writeHello(own, undefined));
      // A server cannot cancel a call, and a caller that does not read would never see its end: the socket goes.
      const link = new Link(linkId(hello), hello, false, call, () => socket.destroy());
      socket.once('close', () => link.disconnected());
      return link;
    },
    onGone: (told) => {
      gone = told;
    },
  });
}

async function bind(listener: NetServer, { host, port }: ListenAddress): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host, port, backlog: BACKLOG }, () => {
        listener.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw new Error(whyNot(hostPort(host, port), (error as NodeJS.ErrnoException).code), { cause: error });
  }
  const bound = listener.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

function whyNot(where: string, code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return `cannot listen on ${where}: the port is in use; stop the process that has it or choose another port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `cannot listen on ${where}: this machine has no such address; choose one of its own, e.g. 127.0.0.1`;
    case 'EACCES':
      return `cannot listen on ${where}: ports below 1024 need privileges; choose a higher one`;
    default:
      return `cannot listen on ${where}: ${code ?? 'unknown error'}`;
  }
}
