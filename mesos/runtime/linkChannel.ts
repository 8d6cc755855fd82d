/**
 * One connection to a process that listens, as a gRPC client that can be ended at once.
 *
 * grpc-js gives no hold on its sockets: a channel that is closed while the other machine is stopped, or drops packets,
 * would keep its socket until the kernel gives it up. So the socket is noted on its way through the credentials, where
 * TLS begins too, and before grpc-js connects, a connection of our own makes sure that it will not wait for an answer.
 */
import { createConnection, type Socket } from 'node:net';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import type { Millis } from './actor.ts';
import { type Endpoint, wayTo } from './detours.ts';
import { hostPort, type Identity } from './linkHello.ts';
import { beginTls, type Tls, TlsError } from './linkTls.ts';
import { WINDOW_BYTES } from './linkWindow.ts';

/** How a channel behaves. */
export interface ChannelOptions {
  /** Largest frame that is accepted. */
  readonly frameBytesMax: number;
  /** A ping is sent after this time without one. */
  readonly keepaliveMs: Millis;
  /** The other end is dead if a ping is not answered in this time. */
  readonly keepaliveTimeoutMs: Millis;
  /** Undefined: the connection is in clear. */
  readonly tls: Tls | undefined;
}

/** A gRPC client of one connection. */
export interface Channel {
  readonly client: Client;
  /** The name in the other end's certificate, when there is a call. */
  peerName(): string | undefined;
  /** Ends the connection at once. */
  close(): void;
}

/** What came of a knock: none, or the reason why nobody opened. Not called if it was cancelled. */
export type Knocked = (failure: string | undefined) => void;

/** Finds out whether a process listens there. Returns a way to cancel. */
export function knock(target: Identity, knocked: Knocked): () => void {
  const socket = createConnection(wayTo(endpointOf(target)));
  const finish = (failure: string | undefined): void => {
    socket.destroy();
    knocked(failure);
  };
  socket.once('connect', () => finish(undefined));
  socket.once('error', (error) => finish(error.message));
  return () => {
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
}

/**
 * Makes a channel. It connects with its first call, and never again. `failed` is called if TLS cannot begin, with the end
 * of a sentence about the target.
 */
export function openChannel(
  target: Identity,
  options: ChannelOptions,
  failed: (reason: string) => void,
): Channel {
  const noted = new NotingCredentials(hostOf(target), options.tls, failed);
  const way = wayTo(endpointOf(target));
  const client = new Client(uriOf(hostPort(way.host, way.port)), noted, {
    'grpc.max_receive_message_length': options.frameBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': options.keepaliveMs,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
    'grpc.enable_retries': 0,
    'grpc-node.flow_control_window': WINDOW_BYTES,
    // Without this, a write is reported as done while grpc-js only holds it for a retry.
    'grpc.per_rpc_retry_buffer_size': 0,
  });
  return {
    client,
    peerName: () => noted.peerName,
    close: () => {
      client.close();
      noted.end();
    },
  };
}

function endpointOf(target: Identity): Endpoint {
  return { host: hostOf(target), port: Number(target.slice(target.lastIndexOf(':') + 1)) };
}

/** Without the brackets of an IPv6 host. */
function hostOf(target: Identity): string {
  return target.slice(0, target.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** An IP address needs no resolver. */
function uriOf(target: Identity): string {
  if (target.startsWith('[')) return `ipv6:${target}`;
  return /^[0-9.]+:/.test(target) ? `ipv4:${target}` : `dns:${target}`;
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** Credentials of a channel, in clear or with TLS, that note the socket. */
class NotingCredentials extends ChannelCredentials {
  readonly #insecure = ChannelCredentials.createInsecure();
  readonly #host: string;
  readonly #tls: Tls | undefined;
  readonly #failed: (reason: string) => void;
  #socket: Socket | undefined;
  #ended = false;
  /** The name in the other end's certificate. */
  peerName: string | undefined;

  constructor(host: string, tls: Tls | undefined, failed: (reason: string) => void) {
    super();
    this.#host = host;
    this.#tls = tls;
    this.#failed = failed;
  }

  /** Ends the connection, also if it is made only later. */
  end(): void {
    this.#ended = true;
    this.#socket?.destroy();
  }

  _isSecure(): boolean {
    return this.#tls !== undefined;
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(...of: Parameters<ChannelCredentials['_createSecureConnector']>): Connector {
    const connector = this.#insecure._createSecureConnector(...of);
    return {
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
      connect: (socket) => {
        this.#socket = socket;
        if (this.#ended) socket.destroy();
        return this.#tls === undefined ? connector.connect(socket) : this.#secure(socket, this.#tls);
      },
    };
  }

  async #secure(socket: Socket, tls: Tls): ReturnType<Connector['connect']> {
    try {
      const secure = await beginTls(socket, this.#host, tls);
      this.#socket = secure.socket;
      this.peerName = secure.name;
      if (this.#ended) secure.socket.destroy();
      return { socket: secure.socket, secure: true };
    } catch (error) {
      if (error instanceof TlsError && !this.#ended) this.#failed(error.message);
      throw error;
    }
  }
}
