/**
 * A link: the one gRPC call that connects two processes, the same whichever end dialled. It carries frames both ways,
 * in order, and tells once when it is broken.
 */
import {
  type ClientDuplexStream,
  type Metadata,
  type ServerDuplexStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Millis } from './actor.ts';
import { type ChannelOptions, knock, openChannel } from './linkChannel.ts';
import { type Hello, type Identity, linkId, readHello, writeHello } from './linkHello.ts';

/** The path of the one method, and the (absent) conversion of its messages. */
export const EXCHANGE = '/mesoslab.Wire/Exchange';
/** Frames are bytes already. */
export const asIs = (frame: Buffer): Buffer => frame;

/** How links behave. */
export interface LinkOptions extends ChannelOptions {
  readonly secret: string | undefined;
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
  const id = linkId(hello);
  /** Ends what the dial has got to so far. */
  let hangUp = knock(target, (failure) => {
    if (failure !== undefined) return fail(failure, status.UNAVAILABLE);
    hangUp = call();
  });
  const fail = (reason: string, code: status): void => {
    clearTimeout(timer);
    hangUp();
    outcome.failed(reason, code);
  };
  const timer = setTimeout(
    () => fail(`no answer in ${options.dialTimeoutMs} ms`, status.DEADLINE_EXCEEDED),
    options.dialTimeoutMs,
  );

  function call(): () => void {
    const channel = openChannel(target, options);
    const call = channel.client.makeBidiStreamRequest(
      EXCHANGE,
      asIs,
      asIs,
      writeHello(hello, options.secret),
    );
    let pending = true;
    const end = (): void => {
      pending = false;
      call.cancel();
      channel.close();
    };
    call.on('error', () => {});
    call.on('status', ({ details, code }) => {
      if (pending) fail(details, code);
    });
    call.on('metadata', (metadata: Metadata) => {
      if (!pending) return;
      const answer = readHello(metadata);
      if (typeof answer === 'string') return fail(answer, status.FAILED_PRECONDITION);
      if (answer.identity !== target)
        return fail(
          `it calls itself ${answer.identity}; use that as its address`,
          status.FAILED_PRECONDITION,
        );
      pending = false;
      clearTimeout(timer);
      outcome.established(new Link(id, answer, true, call, end));
    });
    return end;
  }

  return {
    id,
    cancel: () => {
      clearTimeout(timer);
      hangUp();
    },
  };
}
