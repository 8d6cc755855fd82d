/**
 * A peer: another process, whether or not there is a link to it now. Holds what waits for it and who watches it, dials
 * it when there is a reason to, and makes sure that there is never more than one link.
 */
import type { Address, Millis, Random } from '../actor.ts';
import type { Envelope } from '../frame.ts';
import { STATUS } from './callStatus.ts';
import { type Hello, type Identity, isDialable } from './hello.ts';
import { type Dial, dial, type Link, type LinkOptions } from './link.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import type { IncomingCall } from './server.ts';

/** First pause between two dials, doubled from one failure to the next up to the last. */
const BACK_OFF_FIRST_MS = 50;
const BACK_OFF_LAST_MS = 5000;
/** Addresses of a peer's actors that are remembered, to spare making them for each message. */
const ADDRESSES_MAX = 100_000;
/** A link that lasts this long makes up for the failures before it. */
const STEADY_MS = 1000;

/** The peer has said no, or is not who it should be. */
const REFUSALS: ReadonlySet<number> = new Set([
  STATUS.UNAUTHENTICATED,
  STATUS.PERMISSION_DENIED,
  STATUS.FAILED_PRECONDITION,
]);

/** How peers behave. */
export interface PeerOptions extends LinkOptions, OutboxOptions {
  /** More bytes than this may not wait for a peer: it is dropped. */
  readonly bufferedBytesMax: number;
  /** The least time from one frame to the next, but for those that are full. */
  readonly gatherMs: Millis;
}

/** What someone may watch, and watch no more. */
export interface Watched {
  unwatch(watcher: Watcher): void;
}

/** Someone who watches addresses at a peer, or an actor of this process. */
export interface Watcher {
  lost(address: Address): void;
  /** It does not watch that any more. */
  forget(watched: Watched): void;
}

/** Who watches what at a peer: mostly one address, the master's. */
export type Watches = Map<Watcher, Address | Set<Address>>;

/** The house of a peer: what it needs from its process, and whom it tells. */
export interface PeerHost {
  /** Of this process. */
  readonly identity: Identity;
  readonly options: PeerOptions;
  readonly random: Random;
  now(): Millis;
  /** The hello of this process, for its next dial; for an answer, without `after`. */
  hello(after: string): Hello;
  /** There is a link to it now. */
  linked(peer: Peer): void;
  received(peer: Peer, frame: Buffer): void;
  sent(bytes: number, envelopes: number): void;
  /** The link broke, or could not be made: these are to be told, and so many envelopes that waited are dropped. */
  lost(peer: Peer, watches: Watches, dropped: number): void;
  log(line: string): void;
}

type State =
  | { readonly kind: 'idle' }
  /** A dial is due when the back-off is over. */
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  /** `parked` is a call of the peer's that crossed our dial, which goes first. */
  | { readonly kind: 'dialling'; readonly dial: Dial; parked: IncomingCall | undefined }
  | {
      readonly kind: 'linked';
      readonly link: Link;
      readonly sinceMs: Millis;
      writing: boolean;
      /** The next frame leaves not before. */
      notBeforeMs: Millis;
      gathering: NodeJS.Timeout | undefined;
    }
  | { readonly kind: 'ending'; readonly link: Link };

const IDLE: State = { kind: 'idle' };

/** Another process. */
export class Peer implements Watched {
  readonly identity: Identity;
  readonly dialable: boolean;
  readonly #host: PeerHost;
  readonly #outbox: Outbox;
  readonly #addresses = new Map<string, Address>();
  #state: State = IDLE;
  #watches: Watches = new Map();
  #failures = 0;
  #notBefore: Millis = 0;
  #lastLink = '';
  /** By which name the secret goes that it has last proved to know. */
  #knownAs: string | undefined;
  #refusalTold = false;
  #drained: (() => void) | undefined;

  constructor(identity: Identity, host: PeerHost) {
    this.identity = identity;
    this.dialable = isDialable(identity);
    this.#host = host;
    this.#outbox = new Outbox(host.options);
  }

  /** The address of an actor there. */
  address(name: string): Address {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    if (this.#addresses.size >= ADDRESSES_MAX) this.#addresses.clear();
    const address = `${name}@${this.identity}`;
    this.#addresses.set(name, address);
    return address;
  }

  get linked(): boolean {
    return this.#state.kind === 'linked';
  }

  /** Who it has proved to be; undefined if there is no link, or it has proved no name. */
  get principal(): string | undefined {
    return this.#state.kind === 'linked' ? this.#state.link.party.principal : undefined;
  }

  /** There is no link, and no reason to make one. */
  get idle(): boolean {
    return this.#state.kind === 'idle' && !this.#needed;
  }

  /** Can something be sent to it, perhaps after a dial? */
  get reachable(): boolean {
    return this.dialable || this.linked;
  }

  get #needed(): boolean {
    return this.#watches.size > 0 || this.#outbox.envelopes > 0;
  }

  /** Queues an envelope; it leaves with the next `flush`. The peer must be reachable. */
  post(envelope: Envelope): void {
    this.#outbox.add(envelope);
    if (this.#outbox.bytes > this.#host.options.bufferedBytesMax) this.#overflow();
  }

  /** Has the watcher told, once, when the link breaks or cannot be made. A `flush` must follow. */
  watch(watcher: Watcher, address: Address): void {
    const watched = this.#watches.get(watcher);
    if (watched === undefined) this.#watches.set(watcher, address);
    else if (typeof watched !== 'string') watched.add(address);
    else if (watched !== address) this.#watches.set(watcher, new Set([watched, address]));
  }

  unwatch(watcher: Watcher): void {
    this.#watches.delete(watcher);
  }

  /** Sends what was queued; makes a link if there is none and something waits for one. */
  flush(): void {
    this.#outbox.seal();
    if (this.#outbox.bytes > this.#host.options.bufferedBytesMax) this.#overflow();
    if (this.#state.kind === 'linked') this.#pump(this.#state);
    else if (this.#needed) this.#seek();
  }

  /** The peer dialled us. */
  called(call: IncomingCall): void {
    const state = this.#state;
    switch (state.kind) {
      case 'idle':
        return this.#adopt(call);
      case 'waiting':
        clearTimeout(state.timer);
        return this.#adopt(call);
      case 'dialling':
        if (call.hello.after !== state.dial.id && this.#dialsFirst()) return this.#park(state, call);
        state.dial.cancel();
        state.parked?.refuse(STATUS.ABORTED, 'a later call came');
        return this.#adopt(call);
      case 'linked':
        if (call.caller.principal !== state.link.party.principal)
          return call.refuse(
            STATUS.PERMISSION_DENIED,
            `another principal is linked as ${this.identity}; give each process its own address`,
          );
        if (isStale(call, state.link)) return call.refuse(STATUS.ABORTED, 'crossed by another link');
        state.link.sever();
        this.#lose('the peer made a new link');
        return this.#adopt(call);
      case 'ending':
        return call.refuse(STATUS.UNAVAILABLE, 'closing');
      default:
        return state satisfies never;
    }
  }

  /** Breaks the link, or ends the attempt to make one; those who watch are told. */
  drop(reason: string): void {
    const state = this.#state;
    switch (state.kind) {
      case 'idle':
        break;
      case 'waiting':
        clearTimeout(state.timer);
        break;
      case 'dialling':
        state.dial.cancel();
        state.parked?.refuse(STATUS.UNAVAILABLE, reason);
        break;
      case 'linked':
      case 'ending':
        state.link.sever();
        break;
      default:
        state satisfies never;
    }
    this.#lose(reason);
  }

  /** Resolves when all that was queued has left, or is lost. */
  async drain(): Promise<void> {
    if (this.#state.kind === 'linked') this.#hurry(this.#state);
    this.flush();
    const writing = this.#state.kind === 'linked' && this.#state.writing;
    if (!writing && this.#outbox.envelopes === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Ends the link in good order, if there is one; it stays so until `drop`. */
  async end(): Promise<void> {
    if (this.#state.kind !== 'linked') return this.drop('closed');
    this.#hurry(this.#state);
    const { link } = this.#state;
    this.#state = { kind: 'ending', link };
    await link.end();
  }

  #seek(): void {
    if (this.#state.kind !== 'idle') return;
    if (!this.dialable) return this.#lose('it cannot be dialled');
    const pause = this.#notBefore - this.#host.now();
    if (pause > 0) this.#state = { kind: 'waiting', timer: setTimeout(() => this.#dial(), Math.ceil(pause)) };
    else this.#dial();
  }

  #dial(): void {
    const made = dial(this.identity, this.#knownAs, this.#host.hello(this.#lastLink), this.#host.options, {
      established: (link) => {
        const parked = this.#state.kind === 'dialling' ? this.#state.parked : undefined;
        parked?.refuse(STATUS.ABORTED, 'crossed by another link');
        this.#link(link);
      },
      failed: (reason, code) => this.#dialFailed(reason, code),
    });
    this.#state = { kind: 'dialling', dial: made, parked: undefined };
  }

  #dialFailed(reason: string, code: number): void {
    const parked = this.#state.kind === 'dialling' ? this.#state.parked : undefined;
    if (parked !== undefined) return this.#adopt(parked);
    this.#failures++;
    // Trying again soon will not help where the peer has said no.
    if (REFUSALS.has(code)) {
      this.#failures = 30;
      if (!this.#refusalTold) this.#host.log(`no link to ${this.identity}: ${reason}`);
      this.#refusalTold = true;
    } else if (this.#failures === 1)
      this.#host.log(`${this.identity} cannot be reached: ${reason}; trying again`);
    this.#lose(reason);
  }

  /** If both dial at once, the dial of the process with the lower identity is the one that counts. */
  #dialsFirst(): boolean {
    return this.#host.identity < this.identity;
  }

  #park(state: State & { kind: 'dialling' }, call: IncomingCall): void {
    state.parked?.refuse(STATUS.ABORTED, 'a later call came');
    state.parked = call;
    call.onGone(() => {
      if (state.parked === call) state.parked = undefined;
    });
  }

  #adopt(call: IncomingCall): void {
    this.#link(call.accept(this.#host.hello('')));
  }

  #link(link: Link): void {
    const state: State = {
      kind: 'linked',
      link,
      sinceMs: this.#host.now(),
      writing: false,
      notBeforeMs: 0,
      gathering: undefined,
    };
    this.#state = state;
    this.#lastLink = link.id;
    this.#knownAs = link.party.knownAs;
    this.#refusalTold = false;
    this.#host.linked(this);
    link.open({
      received: (frame) => this.#host.received(this, frame),
      written: () => {
        state.writing = false;
        this.#pump(state);
      },
      broken: (reason) => this.#lose(reason),
    });
    this.#pump(state);
  }

  #pump(state: State & { kind: 'linked' }): void {
    if (state.writing || this.#gathers(state)) return;
    const frame = this.#outbox.take();
    if (frame === undefined) {
      this.#drained?.();
      return;
    }
    state.writing = true;
    if (this.#host.options.gatherMs > 0) state.notBeforeMs = this.#host.now() + this.#host.options.gatherMs;
    this.#host.sent(frame.bytes.length, frame.envelopes);
    state.link.write(frame.bytes);
  }

  /** Is it too early for the next frame? Then what waits is seen to later. */
  #gathers(state: State & { kind: 'linked' }): boolean {
    if (state.notBeforeMs === 0 || this.#outbox.bytes === 0) return false;
    if (this.#outbox.bytes >= this.#host.options.frameTargetBytes || this.#drained !== undefined)
      return false;
    if (state.gathering !== undefined) return true;
    const waitMs = state.notBeforeMs - this.#host.now();
    if (waitMs <= 0) return false;
    state.gathering = setTimeout(() => {
      this.#hurry(state);
      this.#pump(state);
    }, Math.ceil(waitMs));
    return true;
  }

  /** What waits for more need not wait any longer. */
  #hurry(state: State & { kind: 'linked' }): void {
    clearTimeout(state.gathering);
    state.gathering = undefined;
    state.notBeforeMs = 0;
  }

  #overflow(): void {
    const { bufferedBytesMax } = this.#host.options;
    const reason = `it does not read: more than ${bufferedBytesMax} bytes wait for it`;
    this.#host.log(`dropped ${this.identity}: ${reason}`);
    this.#failures++;
    this.drop(reason);
  }

  /** The link is gone, or could not be made. */
  #lose(reason: string): void {
    const state = this.#state;
    const now = this.#host.now();
    if (state.kind === 'linked') {
      clearTimeout(state.gathering);
      if (now - state.sinceMs >= STEADY_MS) this.#failures = 0;
      else this.#failures++;
      this.#host.log(`lost the link to ${this.identity}: ${reason}`);
    }
    this.#state = IDLE;
    this.#notBefore = now + this.#backOffMs();
    this.#drained?.();
    const watches = this.#watches;
    this.#watches = new Map();
    this.#host.lost(this, watches, this.#outbox.clear());
  }

  #backOffMs(): Millis {
    const doublings = Math.max(0, this.#failures - 1);
    const pause = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** doublings);
    return pause * (0.75 + 0.5 * this.#host.random.uniform());
  }
}

/** Was this call made before the peer knew of the link that we have? */
function isStale({ hello }: IncomingCall, link: Link): boolean {
  if (hello.incarnation !== link.hello.incarnation) return false;
  return link.outgoing ? hello.after !== link.id : hello.dial < link.hello.dial;
}
