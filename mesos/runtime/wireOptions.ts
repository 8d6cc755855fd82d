/** What a wire runtime can be told, and its defaults. */
import { hostname } from 'node:os';
import type { Address, Millis } from './actor.ts';
import type { HistorySink } from './historyFile.ts';
import type { Identity } from './link/hello.ts';
import type { TakeHttp } from './link/http.ts';
import { isPrincipal, type KeyOptions, TOKEN_PREFIX } from './link/keys.ts';
import { readyTls, type Tls, type TlsOptions } from './link/tls.ts';
import type { ListenAddress } from './listenAddress.ts';

/** Bounds of a wire runtime. */
export interface WireLimits {
  /** A frame is filled up to about this many bytes; default 1 MiB. */
  readonly frameTargetBytes: number;
  /**
   * Largest frame that is accepted, and so the largest message; default 32 MiB, which holds the offers of some 100,000
   * slaves in one message.
   */
  readonly frameBytesMax: number;
  /** Bytes that may wait for one peer before it is dropped; default 64 MiB. */
  readonly bufferedBytesMax: number;
  /**
   * Bytes that may be under way to this process over a link that it dialled and that it has not read; default 65,535, as HTTP/2 has it, which
   * every system holds for a connection (link/session.ts says why that matters).
   */
  readonly dialledWindowBytes: number;
  /** Other processes that may be linked at the same time; more are refused; default 16,384. */
  readonly peersMax: number;
  /** Connections that have proved nothing yet; if there are more, the first of them are closed; default 2,048. */
  readonly strangersMax: number;
  /** Connections that speak HTTP, besides the links; more are refused; default 4,096. */
  readonly httpConnectionsMax: number;
}

/** The times by which a wire runtime gives things up. */
export interface WireTimeouts {
  /** A connection is probed after this long without an answer to a probe; default 10 s. */
  readonly keepaliveMs: Millis;
  /** The other end is dead if it does not answer a probe in this time; default 5 s. */
  readonly keepaliveTimeoutMs: Millis;
  /** A dial has failed if the other end lets it wait longer for one of its answers; default 5 s. */
  readonly dialTimeoutMs: Millis;
  /** A connection that brought no proper hello by then, from its start or its challenge, is closed; default 5 s. */
  readonly helloTimeoutMs: Millis;
  /** Closing waits so long for what is queued to leave; default 1 s. */
  readonly closeTimeoutMs: Millis;
  /**
   * The least time from one frame to a peer to the next: what is sent meanwhile waits, and then leaves together. What is sent after a
   * longer pause leaves at once. Default 0: a frame for each turn of the event loop.
   */
  readonly gatherMs: Millis;
}

/** How to start a wire runtime. The secrets are those of {@link KeyOptions}; they do not travel. */
export interface WireOptions extends KeyOptions {
  /** Where to listen. Absent: others cannot dial this process, but answer over the links that it makes. */
  readonly listen?: ListenAddress;
  /** The host by which others know this process; default: the host that it listens on, else the machine's name. */
  readonly advertise?: string;
  /** Absent: everything travels in clear. */
  readonly tls?: TlsOptions;
  /** Listen beyond this machine with neither a secret nor TLS. */
  readonly insecure?: boolean;
  readonly history?: HistorySink;
  /**
   * Takes connections that speak HTTP/1, on the port of the links; absent: they are told that there is no HTTP here. Nothing
   * is asked of who connects: `secret` and the like bind links. Not called any more when the runtime begins to close, which
   * ends those connections last.
   */
  readonly onHttp?: TakeHttp;
  /** Is told when there is a link to another process, by its identity. */
  readonly onLink?: (identity: Identity) => void;
  /** Takes one line for the people who run the process. */
  readonly log: (line: string) => void;
  /** Is told what an actor threw, after it was logged; default: throw it again, which ends the process. */
  readonly onFault?: (error: unknown, actor: Address) => void;
  readonly limits?: Partial<WireLimits>;
  readonly timeouts?: Partial<WireTimeouts>;
}

const LIMITS: WireLimits = {
  frameTargetBytes: 1 << 20,
  frameBytesMax: 32 << 20,
  bufferedBytesMax: 64 << 20,
  dialledWindowBytes: 65_535,
  peersMax: 16_384,
  strangersMax: 2048,
  httpConnectionsMax: 4096,
};

const TIMEOUTS: WireTimeouts = {
  keepaliveMs: 10_000,
  keepaliveTimeoutMs: 5000,
  dialTimeoutMs: 5000,
  helloTimeoutMs: 5000,
  closeTimeoutMs: 1000,
  gatherMs: 0,
};

/** Options with everything decided. */
export interface WireSettings {
  readonly limits: WireLimits;
  readonly timeouts: WireTimeouts;
  /** The host of the identity. */
  readonly host: string;
  readonly tls: Tls | undefined;
}

/** Fills in the defaults. Throws, in one sentence, what cannot be. */
export function settle(options: WireOptions): WireSettings {
  const { listen, secret, credential, credentials, tls, insecure = false } = options;
  checkSecrets(options);
  const isOpen = [secret, credential, credentials, tls].every((given) => given === undefined);
  if (listen !== undefined && !isLoopback(listen.host) && isOpen && !insecure)
    throw new Error(
      `listening on ${listen.host} would let any machine that reaches it command the cluster; give a secret or certificates, or listen on 127.0.0.1`,
    );
  if (listen !== undefined && tls !== undefined && tls.own === undefined)
    throw new Error('to listen with TLS, a process needs a certificate and its key');
  if (listen !== undefined && isWildcard(listen.host) && options.advertise === undefined)
    throw new Error(
      `${listen.host} is no address that others could dial; say by which host they know this one`,
    );
  const limits = { ...LIMITS, ...options.limits };
  return {
    limits: { ...limits, frameTargetBytes: Math.min(limits.frameTargetBytes, limits.frameBytesMax) },
    timeouts: { ...TIMEOUTS, ...options.timeouts },
    host: options.advertise ?? listen?.host ?? hostname(),
    tls: tls && readyTls(tls),
  };
}

function checkSecrets({ secret, credential, credentials = [] }: KeyOptions): void {
  if (secret === '') throw new Error('the secret is empty; give one, or none at all');
  const names = new Set<string>();
  for (const { principal } of credentials) {
    if (principal.startsWith(TOKEN_PREFIX))
      throw new Error(`'${principal}' cannot be a principal: names with '${TOKEN_PREFIX}' are for executors`);
    if (names.has(principal)) throw new Error(`there are two secrets of '${principal}'; leave one`);
    names.add(principal);
  }
  for (const { principal, secret: own } of credential === undefined
    ? credentials
    : [...credentials, credential]) {
    if (!isPrincipal(principal))
      throw new Error(
        `'${principal}' cannot be a principal; use 1 to 255 printable ASCII characters without spaces`,
      );
    if (own === '') throw new Error(`the secret of '${principal}' is empty; give one`);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '[::]';
}
