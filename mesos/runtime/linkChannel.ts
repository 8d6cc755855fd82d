/**
 * One connection to a process that listens, as a gRPC client that can be ended at once.
 *
 * grpc-js gives no hold on its sockets: a channel that is closed while the other machine is stopped, or drops packets,
 * would keep its socket until the kernel gives it up. So the socket is noted on its way through the credentials, and
 * before grpc-js connects, a connection of our own makes sure that it will not wait for an answer.
 */
import { createConnection, type Socket } from 'node:net';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import type { Millis } from './actor.ts';
import type { Identity } from './linkHello.ts';

/** How a channel behaves. */
export interface ChannelOptions {
  /** Largest frame that is accepted. */
  readonly frameBytesMax: number;
  /** A ping is sent after this time without one. */
  readonly keepaliveMs: Millis;
  /** The other end is dead if a ping is not answered in this time. */
  readonly keepaliveTimeoutMs: Millis;
}

/** A gRPC client of one connection. */
export interface Channel {
  readonly client: Client;
  /** Ends the connection at once. */
  close(): void;
}

/** What came of a knock: none, or the reason why nobody opened. Not called if it was cancelled. */
export type Knocked = (failure: string | undefined) => void;

/** Finds out whether a process listens there. Returns a way to cancel. */
export function knock(target: Identity, knocked: Knocked): () => void {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const socket = createConnection({ host, port: Number(target.slice(colon + 1)) });
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

/** Makes a channel. It connects with its first call, and never again. */
export function openChannel(target: Identity, options: ChannelOptions): Channel {
  const noted = new NotingCredentials();
  const client = new Client(uriOf(target), noted, {
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
    // Without this, a write is reported as done while grpc-js only holds it for a retry.
    'grpc.per_rpc_retry_buffer_size': 0,
  });
  return {
    client,
    close: () => {
      client.close();
      noted.end();
    },
  };
}

/** An IP address needs no resolver. */
function uriOf(target: Identity): string {
  if (target.startsWith('[')) return `ipv6:${target}`;
  return /^[0-9.]+:/.test(target) ? `ipv4:${target}` : `dns:${target}`;
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** Credentials of an insecure channel that note the socket. */
class NotingCredentials extends ChannelCredentials {
  readonly #insecure = ChannelCredentials.createInsecure();
  #socket: Socket | undefined;
  #ended = false;

  /** Ends the connection, also if it is made only later. */
  end(): void {
    this.#ended = true;
    this.#socket?.destroy();
  }

  _isSecure(): boolean {
    return false;
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
        return connector.connect(socket);
      },
    };
  }
}
