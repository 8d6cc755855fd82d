/** A channel: one connection to a process that listens, for calls to it. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { createConnection, type Socket } from 'node:net';
import { wayTo } from '../detours.ts';
import { type CallHeaders, type CallOutcome, makeCall, type OutgoingCall } from './call.ts';
import { type CallStatus, STATUS } from './callStatus.ts';
import type { Identity } from './hello.ts';
import { type Keepalive, keepAlive, SESSION_MEMORY_MAX_MB, type Window } from './session.ts';
import { beginTls, type Tls, TlsError } from './tls.ts';

/** How a channel behaves. */
export interface ChannelOptions extends Keepalive, Window {
  /** Largest frame that is accepted. */
  readonly frameBytesMax: number;
  /** Undefined: the connection is in clear. */
  readonly tls: Tls | undefined;
}

/** A connection on which calls can be made. */
export interface Channel {
  /** The name in the other end's certificate. */
  readonly peerName: string | undefined;
  call(path: string, headers: CallHeaders, outcome: CallOutcome): OutgoingCall;
}

/** What comes of opening a channel. */
export interface ChannelOutcome {
  /**
   * Calls can be made. In clear that is before `openChannel` returns, though there is no connection yet: what they say is the first that
   * goes over it.
   */
  opened(channel: Channel): void;
  /** There is no connection, or no TLS. */
  failed(status: CallStatus): void;
}

/** Opens a channel. Returns what ends its connection at once, however far it is. */
export function openChannel(target: Identity, options: ChannelOptions, outcome: ChannelOutcome): () => void {
  const host = hostOf(target);
  const port = Number(target.slice(target.lastIndexOf(':') + 1));
  const socket = createConnection({ ...wayTo({ host, port }), noDelay: true });
  socket.on('error', ({ message }) => outcome.failed({ code: STATUS.UNAVAILABLE, details: message }));
  const { tls } = options;
  if (tls === undefined) outcome.opened(channelOn(socket, `http://${target}`, options));
  else
    socket.once('connect', () =>
      beginTls(socket, host, tls).then(
        (secure) => {
          if (socket.destroyed) return;
          outcome.opened(channelOn(secure.socket, `https://${target}`, options, secure.name));
        },
        (error: Error) => {
          if (!(error instanceof TlsError)) throw error;
          outcome.failed({ code: STATUS.FAILED_PRECONDITION, details: error.message });
        },
      ),
    );
  return () => socket.destroy();
}

function channelOn(socket: Socket, authority: string, options: ChannelOptions, peerName?: string): Channel {
  const session: ClientHttp2Session = connect(authority, {
    createConnection: () => socket,
    maxSessionMemory: SESSION_MEMORY_MAX_MB,
    settings: { enablePush: false, initialWindowSize: options.dialledWindowBytes },
  });
  session.on('error', () => {});
  session.once('connect', () => {
    session.setLocalWindowSize(options.dialledWindowBytes);
    keepAlive(session, options, () => socket.destroy());
  });
  return { peerName, call: (path, headers, outcome) => makeCall(session, path, headers, outcome) };
}

/** Without the brackets of an IPv6 host. */
function hostOf(target: Identity): string {
  return target.slice(0, target.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
