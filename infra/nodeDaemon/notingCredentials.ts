/**
 * Credentials of a gRPC channel that note its sockets, so that they can be destroyed: grpc-js gives no hold on them, and a channel that
 * is closed while the machine is gone would wait for an answer, and keep this process from ending, until the kernel gives it up.
 */
import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** Other credentials, with their sockets noted. */
export class NotingCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #sockets = new Set<Socket>();
  #isEnded = false;

  constructor(inner: ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  /** Ends all connections, also those that are made only later. */
  end(): void {
    this.#isEnded = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(...of: Parameters<ChannelCredentials['_createSecureConnector']>): Connector {
    const connector = this.#inner._createSecureConnector(...of);
    return {
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
      connect: (socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        if (this.#isEnded) socket.destroy();
        return connector.connect(socket);
      },
    };
  }
}
