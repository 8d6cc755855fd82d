/**
 * Where links come in: an HTTP/2 server on a TCP server of our own, so that connections can be counted, bounded and ended.
 * Who connects is a stranger until a proper hello has come, with the proofs that are asked for. Connections that speak
 * HTTP/1 are given away.
 */
import { createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Millis } from '../actor.ts';
import { bind, type ListenAddress } from '../listenAddress.ts';
import { acceptCall, type ReceivedCall, type ReceivedHeaders, refuseCall } from './call.ts';
import { type Caller, examine, type Security } from './caller.ts';
import { STATUS } from './callStatus.ts';
import { type Hello, type Identity, linkId, readHello, writeHello } from './hello.ts';
import { answerHttp, type HttpRefusal, type TakeHttp } from './http.ts';
import { TOKEN_LINKS_MAX } from './keys.ts';
import { CHALLENGE, EXCHANGE, Link, type LinkOptions } from './link.ts';
import { awaitOpening, type Opening } from './opening.ts';
import { newNonce, writeAnswer, writeChallenge } from './proof.ts';
import { keepAlive, SESSION_MEMORY_MAX_MB, widenWindow } from './session.ts';
import { tlsAcceptor } from './tls.ts';

/** How the server behaves. */
export interface LinkServerOptions extends LinkOptions {
  /** More connections are refused, besides those that speak HTTP. */
  readonly connectionsMax: number;
  /** More connections that speak HTTP are refused. */
  readonly httpConnectionsMax: number;
  /** If there are more strangers than this, the first of them are shown out. */
  readonly strangersMax: number;
  /** A connection that has not brought a proper hello by then is closed. */
  readonly helloTimeoutMs: Millis;
}

/** A caller with a proper hello, waiting for an answer. */
export interface IncomingCall {
  readonly hello: Hello;
  /** Who it has proved to be. */
  readonly caller: Caller;
  /** The id of the link that it asks for. */
  readonly id: string;
  /** Answers: the link is there. */
  accept(own: Hello): Link;
  /** Answers: no link. */
  refuse(code: number, reason: string): void;
  /** Is told once if the caller goes away before the answer. */
  onGone(gone: () => void): void;
}

/** Who is told of callers, and asked who we are. */
export interface LinkServerEvents {
  /** Of this process; asked for only when somebody calls. */
  readonly identity: Identity;
  called(call: IncomingCall): void;
  /** Takes connections that speak HTTP/1; undefined: they are refused. They are destroyed when the server is closed. */
  readonly http: TakeHttp | undefined;
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

/** A connection carries one challenge and one link; so many calls at a time are enough. */
const CALLS_MAX = 4;

/** Starts to listen. Fails with one sentence if it cannot. */
export async function listen(
  address: ListenAddress,
  options: LinkServerOptions,
  events: LinkServerEvents,
): Promise<LinkServer> {
  const listener = createServer({ noDelay: true });
  const porter = new Porter(options, events, (besides) => {
    listener.maxConnections = options.connectionsMax + besides;
  });
  listener.on('connection', (socket) => porter.admit(socket));
  listener.on('drop', (drop) =>
    events.refused(
      `${drop?.remoteAddress}:${drop?.remotePort}`,
      `${options.connectionsMax} connections are open`,
    ),
  );
  const port = await bind(listener, address);
  let closed: Promise<void> | undefined;
  const stop = (): void => {
    porter.stop();
    closed ??= new Promise((resolve) => listener.close(() => resolve()));
  };
  return {
    port,
    stop,
    close: async () => {
      stop();
      porter.close();
      await closed;
    },
  };
}

interface Connection {
  /** `host:port` of the other end. */
  readonly peer: string;
  /** Ends the connection if no hello comes. */
  timer: NodeJS.Timeout;
  /** With TLS, replaced by the socket above it. */
  socket: Socket;
  security: Security;
  /** One connection carries one call. */
  state:
    | { readonly is: 'new' }
    | { readonly is: 'challenged'; readonly nonce: string }
    | { readonly is: 'greeted' }
    | { readonly is: 'HTTP' }
    | { readonly is: 'refused' };
}

/** Lets connections in, and knows those that are. */
class Porter {
  readonly #options: LinkServerOptions;
  readonly #events: LinkServerEvents;
  readonly #connections = new Map<string, Connection>();
  /** Connections without a proper hello, in the order in which they came. */
  readonly #strangers = new Set<Connection>();
  /** Has room made for so many connections besides those of links. */
  readonly #makeRoom: (besides: number) => void;
  #httpConnections = 0;
  #isStopped = false;
  /** Links by the principals that have tokens. */
  readonly #tokenLinks = new Map<string, number>();
  readonly #inject: (socket: Socket) => void;
  readonly #secure: ((socket: Socket) => void) | undefined;

  constructor(options: LinkServerOptions, events: LinkServerEvents, makeRoom: (besides: number) => void) {
    this.#options = options;
    this.#events = events;
    this.#makeRoom = makeRoom;
    makeRoom(0);
    const server = createHttp2Server({
      maxSessionMemory: SESSION_MEMORY_MAX_MB,
      settings: { maxConcurrentStreams: CALLS_MAX },
    });
    server.on('session', (session) => {
      session.on('error', () => {});
      keepAlive(session, options, () => session.destroy());
    });
    // Nothing is read of a call before it is accepted: strangers can fill no memory.
    server.on('stream', (call, headers) => this.#called(call, headers));
    this.#inject = (socket) => server.emit('connection', socket);
    if (options.tls !== undefined) {
      const acceptor = tlsAcceptor(
        options.tls,
        (socket, certificate) => {
          const connection = this.#connections.get(keyOf(socket));
          if (connection === undefined) {
            socket.destroy();
            return;
          }
          connection.socket = socket;
          connection.security = certificate;
          this.#beginAboveTls(connection, socket);
        },
        (socket, why) => {
          const connection = this.#connections.get(keyOf(socket));
          if (connection !== undefined) this.#showOut(connection, why);
        },
      );
      this.#secure = (socket) => acceptor.take(socket);
    }
  }

  /** Takes a new connection. */
  admit(socket: Socket): void {
    const { helloTimeoutMs, strangersMax } = this.#options;
    const key = keyOf(socket);
    const timer = setTimeout(() => this.#lostPatience(connection), helloTimeoutMs);
    const peer = peerOf(socket);
    const connection: Connection = {
      peer,
      timer,
      socket,
      security: { is: 'in clear' },
      state: { is: 'new' },
    };
    this.#connections.set(key, connection);
    this.#strangers.add(connection);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(connection.timer);
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
      this.#strangers.delete(connection);
      if (connection.state.is === 'HTTP') this.#countHttp(-1);
    });
    if (this.#strangers.size > strangersMax)
      for (const first of this.#strangers) {
        this.#showOut(first, `more than ${strangersMax} connections have proved nothing yet`);
        break;
      }
    awaitOpening(socket, (opening) => this.#begin(connection, opening));
  }

  /** Gives no more connections away. */
  stop(): void {
    this.#isStopped = true;
  }

  close(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #begin(connection: Connection, opening: Opening): void {
    const { socket } = connection;
    switch (opening) {
      case 'HTTP/1':
        return this.#giveAway(connection);
      case 'HTTP/2':
      case 'other':
        return this.#inject(socket);
      case 'TLS':
        if (this.#secure !== undefined) return this.#secure(socket);
        this.#events.refused(
          connection.peer,
          'it speaks TLS, which this process does not; give it certificates',
        );
        connection.state = { is: 'refused' };
        // Its TLS will say that this is none, and so the other end knows why.
        socket.end('no TLS here\n');
        return;
      default:
        opening satisfies never;
    }
  }

  /** What was agreed on goes; HTTP, too, is given away only when something has come. */
  #beginAboveTls(connection: Connection, socket: TLSSocket): void {
    if (socket.alpnProtocol === 'h2') return this.#inject(socket);
    awaitOpening(socket, (opening) => {
      if (socket.alpnProtocol === 'http/1.1' || opening === 'HTTP/1') this.#giveAway(connection);
      else this.#inject(socket);
    });
  }

  /** Gives a connection that speaks HTTP/1 to whoever serves that. */
  #giveAway(connection: Connection): void {
    const { socket, security: certificate, timer } = connection;
    const { http } = this.#events;
    const { httpConnectionsMax } = this.#options;
    if (http === undefined) return this.#turnAway(connection, '404 Not Found', 'this process serves no HTTP');
    // Whoever has certificates does not want passwords to travel in clear.
    if (this.#secure !== undefined && certificate.is === 'in clear')
      return this.#turnAway(connection, '403 Forbidden', 'this process speaks TLS; ask with https://');
    if (this.#isStopped)
      return this.#turnAway(connection, '503 Service Unavailable', 'this process is ending');
    if (this.#httpConnections >= httpConnectionsMax)
      return this.#turnAway(
        connection,
        '503 Service Unavailable',
        `${httpConnectionsMax} connections with HTTP are open`,
      );
    connection.state = { is: 'HTTP' };
    this.#strangers.delete(connection);
    clearTimeout(timer);
    this.#countHttp(1);
    http({ socket, certificate });
  }

  /** It goes with its timer, unless it goes by itself. */
  #turnAway(connection: Connection, as: HttpRefusal, why: string): void {
    this.#events.refused(connection.peer, why);
    connection.state = { is: 'refused' };
    answerHttp(connection.socket, as, why);
  }

  #countHttp(more: number): void {
    this.#httpConnections += more;
    this.#makeRoom(this.#httpConnections);
  }

  #lostPatience(connection: Connection): void {
    this.#showOut(connection, 'it connected but sent no proper hello');
  }

  #showOut(connection: Connection, why: string): void {
    if (connection.state.is !== 'refused') this.#events.refused(connection.peer, why);
    this.#strangers.delete(connection);
    connection.socket.destroy();
  }

  #called(call: ReceivedCall, headers: IncomingHttpHeaders): void {
    call.on('error', () => {});
    const socket = call.session?.socket;
    const connection = socket && this.#connections.get(keyOf(socket));
    if (connection === undefined) return call.close();
    switch (headers[':path']) {
      case CHALLENGE:
        return this.#challenge(call, connection);
      case EXCHANGE:
        return this.#greet(call, connection, headers);
      default:
        return refuseCall(call, STATUS.UNIMPLEMENTED, 'there is no such method here');
    }
  }

  #challenge(call: ReceivedCall, connection: Connection): void {
    if (connection.state.is !== 'new')
      return refuseCall(call, STATUS.FAILED_PRECONDITION, 'one connection carries one link');
    const nonce = newNonce();
    connection.state = { is: 'challenged', nonce };
    // Once more as long: it is we who may have been too busy to read what it said.
    clearTimeout(connection.timer);
    connection.timer = setTimeout(() => this.#lostPatience(connection), this.#options.helloTimeoutMs);
    acceptCall(call, writeChallenge({ identity: this.#events.identity, nonce }));
    call.end();
  }

  #greet(call: ReceivedCall, connection: Connection, headers: ReceivedHeaders): void {
    if (connection.state.is === 'greeted' || connection.state.is === 'refused')
      return refuseCall(call, STATUS.FAILED_PRECONDITION, 'one connection carries one link');
    const turnAway = (code: number, why: string, details = why): void => {
      this.#events.refused(connection.peer, why);
      // It goes with its timer, unless it goes by itself.
      connection.state = { is: 'refused' };
      refuseCall(call, code, details);
    };
    const hello = readHello(headers);
    if (typeof hello === 'string') return turnAway(STATUS.FAILED_PRECONDITION, hello);
    const { security, state } = connection;
    const challenge =
      state.is === 'challenged' ? { identity: this.#events.identity, nonce: state.nonce } : undefined;
    const caller = examine({ hello, headers, security, challenge }, this.#options);
    if ('refusal' in caller) return turnAway(STATUS.UNAUTHENTICATED, caller.refusal, caller.advice);
    const { token } = caller;
    if (token !== undefined && (this.#tokenLinks.get(token) ?? 0) >= TOKEN_LINKS_MAX)
      return turnAway(STATUS.RESOURCE_EXHAUSTED, `${token} has ${TOKEN_LINKS_MAX} links already`);
    this.#welcome(call, connection, hello, caller);
  }

  #welcome(call: ReceivedCall, connection: Connection, hello: Hello, caller: Caller): void {
    const { socket, timer } = connection;
    connection.state = { is: 'greeted' };
    this.#strangers.delete(connection);
    clearTimeout(timer);
    if (caller.token !== undefined) this.#countLinks(caller.token, socket);
    let gone: (() => void) | undefined;
    call.once('close', () => gone?.());
    this.#events.called({
      hello,
      caller,
      id: linkId(hello),
      refuse: (code, details) => {
        gone = undefined;
        refuseCall(call, code, details);
        socket.setTimeout(this.#options.helloTimeoutMs, () => socket.destroy());
      },
      accept: (own) => {
        gone = undefined;
        const { proof } = caller;
        acceptCall(call, { ...writeHello(own), ...(proof && writeAnswer(proof.secret, proof.talk)) });
        if (call.session !== undefined) widenWindow(call.session);
        const is = { id: linkId(hello), hello, outgoing: false, party: caller };
        // A caller that does not read would never see the end of the call: the socket goes.
        const link = new Link(is, call, this.#options, () => socket.destroy());
        socket.once('close', () => link.disconnected());
        return link;
      },
      onGone: (told) => {
        gone = told;
      },
    });
  }

  #countLinks(token: string, socket: Socket): void {
    this.#tokenLinks.set(token, (this.#tokenLinks.get(token) ?? 0) + 1);
    socket.once('close', () => {
      const left = (this.#tokenLinks.get(token) ?? 0) - 1;
      if (left > 0) this.#tokenLinks.set(token, left);
      else this.#tokenLinks.delete(token);
    });
  }
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress}:${remotePort}`;
}

/** Tells a connection from all others that are open: this process may have several addresses, and one caller one port for them all. */
function keyOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress'>): string {
  return `${peerOf(socket)} ${socket.localAddress}`;
}
