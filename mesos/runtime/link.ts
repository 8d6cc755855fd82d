/**
 * A link: the one gRPC call that connects two processes, the same whichever end dialled. It carries frames both ways,
 * in order, and tells once when it is broken.
 */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type Metadata,
  type ServerDuplexStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Millis } from './actor.ts';
import { type Hello, type Identity, linkId, readHello, writeHello } from './linkHello.ts';

/** The path of the one method, and the (absent) conversion of its messages. */
export const EXCHANGE = '/mesoslab.Wire/Exchange';
/** Frames are bytes already. */
export const asIs = (frame: Buffer): Buffer => frame;

/** How links behave. */
export interface LinkOptions {
  readonly secret: string | undefined;
  /** Largest frame that is accepted. */
  readonly frameBytesMax: number;
  /** A ping is sent after this time without one. */
  readonly keepaliveMs: Millis;
  /** The other end is dead if a ping is not answered in this time. */
  readonly keepaliveTimeoutMs: Millis;
  /** A dial that takes longer has failed. */
  readonly dialTimeoutMs: Millis;
}

/** Who is told of what happens on a link. */
export interface LinkListener {
  /** A frame came. */
  received(frame: Buffer): void;
  /** The frame last written has left; the next may be written. */
  written(): void;
  /** The link is gone, once; not called after `sever`. */
  broken(reason: string): void;
}

type Call = ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** An established link. Write one frame, wait for `written`, write the next. */
export class Link {
  readonly id: string;
  /** The other end. */
  readonly hello: Hello;
  /** Did this end dial? */
  readonly outgoing: boolean;
  readonly #call: Call;
  readonly #hangUp: () => void;
  #listener: LinkListener | undefined;
  #ended: (() => void) | undefined;

  constructor(id: string, hello: Hello, outgoing: boolean, call: Call, hangUp: () => void) {
    this.id = id;
    this.hello = hello;
    this.outgoing = outgoing;
    this.#call = call;
    this.#hangUp = hangUp;
  }

  /** Starts reading. */
  open(listener: LinkListener): void {
    this.#listener = listener;
    const call: NodeJS.EventEmitter = this.#call;
    call.on('data', (frame: Buffer) => this.#listener?.received(frame));
    call.on('error', (error: Partial<ServiceError>) => this.#over(error.details ?? `${error.message}`));
    call.on('end', () => this.#over('the other end closed it'));
    call.on('cancelled', () => this.#over('the connection is gone'));
  }

  write(frame: Buffer): void {
    this.#call.write(frame, this.#written);
  }

  /** Ends the link at once: what was written may be lost. The listener hears nothing any more. */
  sever(): void {
    this.#listener = undefined;
    this.#hangUp();
  }

  /** Ends the link after what was written; resolves when the other end has read all and hung up. */
  end(): Promise<void> {
    this.#listener = undefined;
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#call.end();
    });
  }

  /** The connection beneath is closed. */
  disconnected(): void {
    this.#over('the connection is gone');
    this.#ended?.();
  }

  readonly #written = (): void => {
    this.#listener?.written();
  };

  #over(reason: string): void {
    // An incoming call is over for us when its status is written, which is before the other end has it.
    if (this.#ended !== undefined && !this.outgoing) return;
    this.#ended?.();
    const listener = this.#listener;
    this.#listener = undefined;
    this.#hangUp();
    listener?.broken(reason);
  }
}

/** A dial under way. */
export interface Dial {
  /** The id of the link that it will make. */
  readonly id: string;
  /** Gives up; nothing is told. */
  cancel(): void;
}

/** What came of a dial. Exactly one is called, unless it is cancelled. */
export interface DialOutcome {
  established(link: Link): void;
  failed(reason: string, code: status): void;
}

/**
 * Dials a process that listens. Each dial has a channel of its own: grpc-js's own reconnecting, with its own back-off,
 * never comes into play.
 */
export function dial(target: Identity, hello: Hello, options: LinkOptions, outcome: DialOutcome): Dial {
  const client = new Client(targetUri(target), credentials.createInsecure(), {
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
  const call = client.makeBidiStreamRequest(EXCHANGE, asIs, asIs, writeHello(hello, options.secret));
  const id = linkId(hello);
  let under: 'way' | 'link' | 'none' = 'way';
  const hangUp = (): void => {
    under = 'none';
    clearTimeout(timer);
    call.cancel();
    client.close();
  };
  const fail = (reason: string, code: status): void => {
    if (under !== 'way') return;
    hangUp();
    outcome.failed(reason, code);
  };
  const timer = setTimeout(
    () => fail(`no answer in ${options.dialTimeoutMs} ms`, status.DEADLINE_EXCEEDED),
    options.dialTimeoutMs,
  );
  call.on('error', () => {});
  call.on('status', ({ details, code }) => fail(details, code));
  call.on('metadata', (metadata: Metadata) => {
    if (under !== 'way') return;
    const answer = readHello(metadata);
    if (typeof answer === 'string') return fail(answer, status.FAILED_PRECONDITION);
    if (answer.identity !== target)
      return fail(`it calls itself ${answer.identity}; use that as its address`, status.FAILED_PRECONDITION);
    under = 'link';
    clearTimeout(timer);
    outcome.established(new Link(id, answer, true, call, hangUp));
  });
  return { id, cancel: hangUp };
}

/** With an address there is nothing to resolve, and the resolver is not even loaded with a channel to a name server. */
function targetUri(target: Identity): string {
  if (target.startsWith('[')) return `ipv6:${target}`;
  return /^[0-9.]+:/.test(target) ? `ipv4:${target}` : `dns:${target}`;
}
