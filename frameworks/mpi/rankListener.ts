/** How a rank gets to know the others: it listens, and when it is told who they are, they all connect to each other. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Communicator } from './communicator.ts';
import { admit, introduce, type Membership } from './handshake.ts';
import { Link } from './link.ts';
import type { Endpoint } from './message.ts';
import { RANKS_MAX } from './program.ts';

/** Connections that may wait for their handshake beside those of the ranks. */
const STRANGERS_MAX = 256;
/** How long the ranks may take to find each other. */
const JOIN_TIMEOUT_MS = 60_000;

/** What a rank is told: who it is, and where all ranks listen, by rank. */
export interface Group {
  readonly rank: number;
  readonly endpoints: readonly Endpoint[];
  readonly secret: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/** A rank that listens and is in no group yet. */
export class RankListener {
  readonly endpoint: Endpoint;
  readonly #server: Server;
  /** Connected to this rank, handshake not done. */
  readonly #strangers = new Set<Link>();
  /** How many ranks may connect: until this one is told, as many as a job can have. */
  #ranks = RANKS_MAX;
  #meet: ((link: Link) => void) | undefined;
  #abandon: ((reason: Error) => void) | undefined;
  #closed: Error | undefined;

  private constructor(server: Server, endpoint: Endpoint) {
    this.#server = server;
    this.endpoint = endpoint;
    server.on('connection', (socket) => this.#receive(socket));
  }

  /** Listens on a free port of this host. Rejects if it cannot. */
  static async listen(host = '127.0.0.1'): Promise<RankListener> {
    const server = createServer();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', (error) => reject(new Error(`a rank cannot listen on ${host}: ${error.message}`)));
    server.listen({ host, port: 0 }, resolve);
    await promise;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error(`a rank has no port on ${host}`);
    return new RankListener(server, { host: address.address, port: address.port });
  }

  /**
   * Connects to all ranks of the group: this rank to those before it, those after it to this one. Listens no more
   * afterwards. Rejects, and leaves nothing open, if one of them is not there in time or cannot prove to be one.
   */
  async join(group: Group): Promise<Communicator> {
    if (this.#closed !== undefined) throw this.#closed;
    const { rank, endpoints, secret, timeoutMs = JOIN_TIMEOUT_MS } = group;
    this.#ranks = endpoints.length;
    const me: Membership = { rank, size: endpoints.length, secret };
    const links: (Link | undefined)[] = endpoints.map(() => undefined);
    const names = endpoints.map(({ host, port }, peer) => `rank ${peer} at ${host}:${port}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const signal = AbortSignal.timeout(timeoutMs);
    const late = (): void => {
      const missing = names.find((_, peer) => peer !== rank && links[peer] === undefined);
      reject(new Error(`${missing} has not connected to rank ${rank} within ${timeoutMs / 1000} s`));
    };
    signal.addEventListener('abort', late);
    this.#abandon = reject;

    const arrived = (peer: number, link: Link): void => {
      if (links[peer] !== undefined) {
        link.destroy(new Error(`rank ${peer} is connected already`));
        return;
      }
      links[peer] = link;
      if (links.every((known, other) => known !== undefined || other === rank)) resolve();
    };
    this.#meet = (link) => {
      admit(link, me)
        .then((peer) => {
          this.#strangers.delete(link);
          arrived(peer, link);
        })
        .catch((error) => link.destroy(error));
    };
    for (const stranger of this.#strangers) this.#meet(stranger);
    const own = endpoints.slice(0, rank).map(({ host, port }, peer) => {
      const link = new Link(connect({ host, port }));
      introduce(link, me, peer)
        .then(() => arrived(peer, link))
        .catch((error) => {
          link.destroy(error);
          reject(new Error(`rank ${rank} cannot join ${names[peer]}: ${error.message}`));
        });
      return link;
    });
    if (endpoints.length === 1) resolve();

    try {
      await promise;
    } catch (error) {
      for (const link of [...own, ...links]) link?.destroy(error as Error);
      this.close(error as Error);
      throw error;
    } finally {
      signal.removeEventListener('abort', late);
      this.#abandon = undefined;
    }
    this.close(new Error('the job has its ranks'));
    return new Communicator(rank, links, names);
  }

  /** Listens no more, and gives up joining, for this reason. What has joined already stays. */
  close(reason: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#server.close();
    for (const stranger of this.#strangers) stranger.destroy(reason);
    this.#abandon?.(reason);
  }

  #receive(socket: Socket): void {
    if (this.#closed !== undefined || this.#strangers.size >= this.#ranks + STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    const link = new Link(socket);
    this.#strangers.add(link);
    socket.once('close', () => this.#strangers.delete(link));
    this.#meet?.(link);
  }
}
