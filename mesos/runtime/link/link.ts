/**
 * A link: the one gRPC call that connects two processes, the same whichever end dialled. It carries frames both ways,
 * in order, and tells once when it is broken.
 */
import type { IncomingHttpHeaders } from 'node:http2';
import type { Millis } from '../actor.ts';
import { MessageReader, type OutgoingCall, type ReceivedCall, statusIn, writeMessage } from './call.ts';
import type { Party } from './caller.ts';
import { STATUS } from './callStatus.ts';
import { type Channel, type ChannelOptions, openChannel } from './channel.ts';
import { type Hello, type Identity, linkId, PROTOCOL, readHello, writeHello } from './hello.ts';
import type { DialKey, Keyring } from './keys.ts';
import { isAnswer, makeClaim, readChallenge, type Talk, writeClaim } from './proof.ts';
import type { ReadingPace } from './readingPace.ts';

/** The path of the method that carries a link. */
export const EXCHANGE = '/mesoslab.Wire/Exchange';
/** The path of the method that gives a caller what it needs to prove itself; see proof.ts. */
export const CHALLENGE = '/mesoslab.Wire/Challenge';

/** How links behave. */
export interface LinkOptions extends ChannelOptions {
  readonly keys: Keyring;
  /** A dial has failed if the other end lets it wait longer for one of its answers. */
  readonly dialTimeoutMs: Millis;
  readonly pace: ReadingPace;
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

type Call = OutgoingCall | ReceivedCall;

/** An established link. Write one frame, wait for `written`, write the next. */
export class Link {
  readonly id: string;
  /** The other end. */
  readonly hello: Hello;
  /** Did this end dial? */
  readonly outgoing: boolean;
  /** Who the other end has proved to be. */
  readonly party: Party;
  readonly #call: Call;
  readonly #options: Pick<LinkOptions, 'frameBytesMax' | 'pace'>;
  readonly #hangUp: () => void;
  #listener: LinkListener | undefined;
  #ended: (() => void) | undefined;

  constructor(
    { id, hello, outgoing, party }: Pick<Link, 'id' | 'hello' | 'outgoing' | 'party'>,
    call: Call,
    options: Pick<LinkOptions, 'frameBytesMax' | 'pace'>,
    hangUp: () => void,
  ) {
    this.id = id;
    this.hello = hello;
    this.outgoing = outgoing;
    this.party = party;
    this.#call = call;
    this.#options = options;
    this.#hangUp = hangUp;
  }

  /** Starts reading. */
  open(listener: LinkListener): void {
    this.#listener = listener;
    const { frameBytesMax, pace } = this.#options;
    const reader = new MessageReader(frameBytesMax, (frame) => this.#listener?.received(frame));
    const call: NodeJS.EventEmitter = this.#call;
    call.on('data', (piece: Buffer) =>
      pace.read(this.#call, () => {
        const wrong = this.#listener && reader.read(piece);
        if (wrong !== undefined) this.#over(wrong);
      }),
    );
    call.on('trailers', (headers: IncomingHttpHeaders) => {
      const end = statusIn(headers);
      if (end !== undefined && end.code !== STATUS.OK) this.#over(end.details);
    });
    call.on('end', () => this.#over('the other end closed it'));
    call.on('close', () => this.#over('the connection is gone'));
  }

  write(frame: Buffer): void {
    writeMessage(this.#call, frame, this.#written);
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
  failed(reason: string, code: number): void;
}

/** Dials a process that listens, by the name under which it was known when it last called, over a connection of its own. */
export function dial(
  target: Identity,
  knownAs: string | undefined,
  hello: Hello,
  options: LinkOptions,
  outcome: DialOutcome,
): Dial {
  const id = linkId(hello);
  const key = options.keys.forDial(knownAs);
  let pending = true;
  let timer: NodeJS.Timeout | undefined;
  const fail = (code: number, reason: string): void => {
    if (!pending) return;
    cancel();
    outcome.failed(reason, code);
  };
  const cancel = (): void => {
    pending = false;
    clearTimeout(timer);
    hangUp();
  };
  /**
   * Each answer has as much time: one that has just come shows that the other end lives, however busy it is, and if all of them had to come
   * in that time, those who try again and again would keep a busy process from ever being done with one of them.
   */
  function bePatient(): void {
    clearTimeout(timer);
    timer = setTimeout(
      () => fail(STATUS.DEADLINE_EXCEEDED, `no answer in ${options.dialTimeoutMs} ms`),
      options.dialTimeoutMs,
    );
  }
  bePatient();
  const hangUp = openChannel(target, options, {
    opened: (channel) => (key === undefined ? exchange(channel, undefined) : challenge(channel, key)),
    failed: ({ code, details }) => fail(code, details),
  });

  function challenge(channel: Channel, key: DialKey): void {
    const call = channel.call(
      CHALLENGE,
      {},
      {
        answered(headers) {
          if (!pending) return;
          const given = readChallenge(headers);
          if (given === undefined) return fail(STATUS.FAILED_PRECONDITION, 'its challenge is malformed');
          if (given.identity !== target) return fail(STATUS.FAILED_PRECONDITION, otherName(given.identity));
          bePatient();
          exchange(channel, { key, talk: { challenge: given, hello, claim: makeClaim(key, given, hello) } });
        },
        over({ code, details }) {
          if (code === STATUS.UNIMPLEMENTED)
            fail(STATUS.FAILED_PRECONDITION, `it does not speak protocol ${PROTOCOL}`);
          else if (code !== STATUS.OK) fail(code, details);
        },
      },
    );
    call.resume();
    call.end();
  }

  function exchange(channel: Channel, proving: Proving | undefined): void {
    const asked = { ...writeHello(hello), ...(proving && writeClaim(proving.talk.claim)) };
    const call = channel.call(EXCHANGE, asked, {
      answered(headers) {
        if (!pending) return;
        const answer = readHello(headers);
        if (typeof answer === 'string') return fail(STATUS.FAILED_PRECONDITION, answer);
        if (answer.identity !== target) return fail(STATUS.FAILED_PRECONDITION, otherName(answer.identity));
        if (proving !== undefined && !isAnswer(headers, proving.key.secret, proving.talk))
          return fail(
            STATUS.FAILED_PRECONDITION,
            'it does not prove that it knows the secret; give both processes the same',
          );
        pending = false;
        clearTimeout(timer);
        const is = { id, hello: answer, outgoing: true, party: partyOf(proving?.key, channel) };
        outcome.established(new Link(is, call, options, hangUp));
      },
      over: ({ code, details }) => fail(code, details),
    });
  }

  return { id, cancel };
}

interface Proving {
  readonly key: DialKey;
  readonly talk: Talk;
}

function partyOf(key: DialKey | undefined, channel: Channel): Party {
  return {
    principal: key?.isTheirs ? key.principal : channel.peerName,
    knownAs: key?.principal,
  };
}

function otherName(identity: Identity): string {
  return `it calls itself ${identity}; use that as its address`;
}
