/**
 * The wire runtime: actors on the real clock, in processes that talk over gRPC links.
 *
 * One link joins two processes, whatever the number of actors in them. What one turn of the event loop sends to a peer
 * leaves at its end in one frame. A message is sent at most once and never overtakes another of its pair; those that
 * wait for a link when it breaks are dropped, and those who watch the peer are told.
 */
import { randomBytes } from 'node:crypto';
import type { HistoryEvent } from '../protocol/history.ts';
import { complaint, type Message } from '../protocol/message.ts';
import type { ActorKind, Address, Due, Millis, Random, Runtime, SpawnOptions, Timer } from './actor.ts';
import { decodeFrame, isActorName, isEnvelope } from './frame.ts';
import { STATUS } from './link/callStatus.ts';
import { type Hello, hostPort, type Identity, isDialable } from './link/hello.ts';
import { Keyring } from './link/keys.ts';
import { Peer, type PeerHost, type PeerOptions, type Watched, type Watches } from './link/peer.ts';
import { ReadingPace } from './link/readingPace.ts';
import { type IncomingCall, type LinkServer, listen } from './link/server.ts';
import { seededRandom } from './random.ts';
import { type ActorHost, WireActor } from './wireActor.ts';
import { WireActors } from './wireActors.ts';
import type { Delivery } from './wireDelivery.ts';
import { SparseLog } from './wireLog.ts';
import { settle, type WireOptions, type WireSettings } from './wireOptions.ts';
import { type Route, WireRoutes } from './wireRoutes.ts';
import { startCounting, type WireStats } from './wireStats.ts';
import { type TimerOwner, WireTimers } from './wireTimers.ts';
import { WireTurn } from './wireTurn.ts';

export type { Security } from './link/caller.ts';
export type { HttpConnection } from './link/http.ts';
export type { WireOptions } from './wireOptions.ts';
export type { DroppedEnvelopes, WireStats } from './wireStats.ts';

/** A process of a cluster on the real clock. It keeps the operating system's process alive until it is closed. */
export interface WireRuntime extends Runtime {
  /** `host:port` by which others know this process; `host:0/<hex>` if it does not listen. */
  readonly identity: Identity;
  /** The address that an actor of this name has, or would have, in this process. */
  address(name: string): Address;
  /** Milliseconds since the epoch, fractional, never running backwards. */
  now(): Millis;
  stats(): WireStats;
  /** Sends what is queued, within a bound, and ends everything; stops all actors. */
  close(): Promise<void>;
}

/** Starts a wire runtime. Fails with one sentence if it cannot listen where it should. */
export async function startWire(options: WireOptions): Promise<WireRuntime> {
  const wire = new Wire(options, settle(options));
  await wire.start();
  return wire;
}

/** Peers without a link that are remembered before the first are forgotten. */
const PEERS_REMEMBERED = 4096;
/** Keeps the process alive while there is neither a link nor a timer. */
const ANCHOR_MS = 2 ** 30;

class Wire implements WireRuntime, ActorHost, PeerHost {
  identity: Identity = '';
  readonly now = (): Millis => performance.timeOrigin + performance.now();
  /** Of the process and all its actors: on the real clock nothing repeats. */
  readonly random: Random = seededRandom(randomBytes(16).toString('hex'));
  readonly options: PeerOptions;
  readonly #given: WireOptions;
  readonly #settings: WireSettings;
  readonly #log: SparseLog;
  readonly #incarnation = randomBytes(8).toString('hex');
  readonly #timers = new WireTimers(() => this.now());
  readonly #actors = new WireActors();
  readonly #peers = new Map<Identity, Peer>();
  readonly #routes = new WireRoutes();
  readonly #stats = startCounting();
  /** Of the addresses of this process. */
  #ending = '';
  #server: LinkServer | undefined;
  #anchor: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #dials = 0;
  #lines = 0;
  #peersMax = PEERS_REMEMBERED;
  readonly #turn = new WireTurn((delivery) => this.#deliver(delivery));
  /** Of the message from within this process that is being received. */
  #sender: WireActor | undefined;

  constructor(options: WireOptions, settings: WireSettings) {
    this.#given = options;
    this.#settings = settings;
    this.#log = new SparseLog(options.log, () => this.now());
    this.options = {
      ...settings.limits,
      ...settings.timeouts,
      keys: new Keyring(options),
      pace: new ReadingPace(() => performance.now()),
      tls: settings.tls,
      refused: ([to, from, { type }], reason) => {
        this.#stats.dropped.unsendable++;
        this.#log.log('unsendable', `dropped a ${type} from ${from} to ${to}: ${reason}`);
      },
    };
  }

  async start(): Promise<void> {
    const { host, limits, timeouts } = this.#settings;
    if (this.#given.listen === undefined) this.identity = `${hostPort(host, 0)}/${this.#incarnation}`;
    else {
      const { helloTimeoutMs } = timeouts;
      const { peersMax: connectionsMax, ...bounds } = limits;
      const options = { ...this.options, ...bounds, connectionsMax, helloTimeoutMs };
      const own = (): Identity => this.identity;
      this.#server = await listen(this.#given.listen, options, {
        get identity() {
          return own();
        },
        called: (call) => this.#called(call),
        http: this.#given.onHttp,
        refused: (peer, reason) => this.#log.log('refused', `refused a connection from ${peer}: ${reason}`),
      });
      this.identity = hostPort(host, this.#server.port);
    }
    this.#ending = `@${this.identity}`;
    this.#anchor = setInterval(() => {}, ANCHOR_MS);
  }

  // What the runtime offers.

  readonly address = (name: string): Address =>
    // Joined, not added: that makes one text, where adding keeps the pieces in memory too.
    [name, this.identity].join('@');

  spawn<M extends Message>(name: string, kind: ActorKind<M>, options?: SpawnOptions): Address {
    if (this.#closed !== undefined) throw new Error(`cannot start actor '${name}': the runtime is closed`);
    if (!isActorName(name))
      throw new Error(`'${name}' cannot be an actor's name; use 1 to 255 characters, no @`);
    const address = this.address(name);
    if (this.#actors.at(address) !== undefined)
      throw new Error(`an actor '${name}' lives in this process already`);
    this.#actors.add(new WireActor(address, kind as unknown as ActorKind, this, options));
    return address;
  }

  stop(address: Address): void {
    const actor = this.#actors.at(address);
    if (actor === undefined) return;
    this.#actors.delete(actor);
    actor.stop();
    if (actor.watchers.length > 0) this.#turn.leave({ kind: 'stopped', actor });
  }

  stats(): WireStats {
    let links = 0;
    for (const peer of this.#peers.values()) if (peer.linked) links++;
    return { ...this.#stats, links, dropped: { ...this.#stats.dropped } };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#actors.stop();
    this.#turn.forget();
    this.#timers.clear();
    clearInterval(this.#anchor);
    this.#server?.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#settings.timeouts.closeTimeoutMs);
    });
    const peers = [...this.#peers.values()];
    await Promise.race([late, Promise.all(peers.map((peer) => peer.drain()))]);
    await Promise.race([late, Promise.all(peers.map((peer) => peer.end()))]);
    clearTimeout(timer);
    for (const peer of this.#peers.values()) peer.drop('closed');
    await this.#server?.close();
  }

  // What an actor's context needs.

  startTimer(delay: Millis, due: Due, owner: TimerOwner): Timer {
    return this.#timers.after(delay, due, owner);
  }

  timersCancelled(count: number): void {
    this.#timers.cancelled(count);
  }

  send(to: Address, from: WireActor, message: Message): void {
    if (this.#isHere(to))
      return this.#turn.leave({ kind: 'message', to: this.#actorAt(to) ?? to, from, message });
    const route = this.#route(to);
    if (route?.to.reachable) {
      route.to.post([route.name, from.name, message]);
      this.#turn.flush(route.to);
    } else this.#stats.dropped.unreachable++;
  }

  watch(address: Address, watcher: WireActor): Watched | undefined {
    const actor = this.#actorAt(address);
    if (actor !== undefined) {
      actor.watchedBy(watcher);
      return actor;
    }
    const peer = this.#route(address)?.to;
    if (peer === undefined) this.#turn.leave({ kind: 'absent', address, watcher });
    else {
      peer.watch(watcher, address);
      this.#turn.flush(peer);
    }
    return peer;
  }

  principalOf(address: Address): string | undefined {
    if (address === this.#sender?.self) return this.#sender.principal;
    return (this.#actors.at(address) ?? this.#route(address)?.to)?.principal;
  }

  record(event: HistoryEvent, by: Address): void {
    this.#given.history?.append({ t: this.now(), seq: this.#lines++, by, ...event });
  }

  fault(error: unknown, actor: Address): void {
    this.#given.log(`${actor} failed: ${error instanceof Error ? error.stack : String(error)}`);
    if (this.#given.onFault !== undefined) return this.#given.onFault(error, actor);
    setImmediate(() => {
      throw error;
    });
  }

  // What a peer needs.

  hello(after: string): Hello {
    return { identity: this.identity, incarnation: this.#incarnation, dial: ++this.#dials, after };
  }

  linked({ identity }: Peer): void {
    this.#given.onLink?.(identity);
  }

  received(peer: Peer, frame: Buffer): void {
    this.#stats.framesIn++;
    this.#stats.bytesIn += frame.length;
    const envelopes = decodeFrame(frame);
    if (envelopes === undefined) {
      this.#stats.dropped.malformed++;
      peer.drop('it sent a frame that is no JSON array');
      return;
    }
    for (const envelope of envelopes) this.#receive(peer, envelope);
  }

  #receive(peer: Peer, envelope: unknown): void {
    if (!isEnvelope(envelope)) {
      this.#stats.dropped.malformed++;
      this.#log.log('malformed', `dropped what is no envelope, from ${peer.identity}`);
      return;
    }
    this.#stats.envelopesIn++;
    const [to, from, message] = envelope;
    const actor = this.#actors.addressee(to, this.address);
    if (actor === undefined) {
      this.#stats.dropped.unknownActor++;
      return;
    }
    const wrong = complaint(actor.inbox, message);
    if (wrong !== undefined) {
      this.#stats.dropped.invalid++;
      this.#log.log('invalid', `dropped a message from ${from}@${peer.identity} to ${to}: ${wrong}`);
      return;
    }
    actor.receive(message as Message, peer.address(from));
  }

  sent(bytes: number, envelopes: number): void {
    this.#stats.framesOut++;
    this.#stats.bytesOut += bytes;
    this.#stats.envelopesOut += envelopes;
  }

  lost(peer: Peer, watches: Watches, dropped: number): void {
    if (this.#closed !== undefined) this.#stats.dropped.closed += dropped;
    else this.#stats.dropped.broken += dropped;
    for (const watcher of watches.keys()) watcher.forget(peer);
    if (watches.size > 0) this.#turn.leave({ kind: 'lost', watches });
    if (!peer.dialable) this.#forget(peer);
  }

  log(line: string): void {
    this.#given.log(line);
  }

  #called(call: IncomingCall): void {
    const { identity } = call.hello;
    if (this.#closed !== undefined) return call.refuse(STATUS.UNAVAILABLE, 'closing');
    if (identity === this.identity)
      return call.refuse(STATUS.FAILED_PRECONDITION, `${identity} is this process; give each its own`);
    const peer = this.#peers.get(identity) ?? this.#meet(identity);
    peer.called(call);
    // If that made it lose an older link, it may have been forgotten.
    this.#peers.set(identity, peer);
  }

  #meet(identity: Identity): Peer {
    if (this.#peers.size >= this.#peersMax) {
      for (const peer of this.#peers.values()) if (peer.idle) this.#forget(peer);
      this.#peersMax = Math.max(PEERS_REMEMBERED, 2 * this.#peers.size);
    }
    const peer = new Peer(identity, this);
    this.#peers.set(identity, peer);
    return peer;
  }

  #forget(peer: Peer): void {
    this.#peers.delete(peer.identity);
    this.#routes.forget(peer);
  }

  /** Undefined if there is no way to that address, or it is one of this process. */
  #route(address: Address): Route | undefined {
    const known = this.#routes.get(address);
    if (known !== undefined) return known;
    const at = address.indexOf('@');
    const name = address.slice(0, at);
    const identity = address.slice(at + 1);
    if (at < 1 || !isActorName(name) || identity === this.identity) return undefined;
    let to = this.#peers.get(identity);
    if (to === undefined && isDialable(identity)) to = this.#meet(identity);
    if (to === undefined) return undefined;
    const route: Route = { name, to };
    this.#routes.add(address, route);
    return route;
  }

  #isHere(address: Address): boolean {
    return address.endsWith(this.#ending);
  }

  /** An actor of this process; mostly it is asked for the one that sent what is being received. */
  #actorAt(address: Address): WireActor | undefined {
    const sender = this.#sender;
    return address === sender?.self && !sender.isGone ? sender : this.#actors.at(address);
  }

  // What a turn of the event loop has left for actors.

  #deliver(delivery: Delivery): void {
    switch (delivery.kind) {
      case 'message': {
        const { to } = delivery;
        const isThere = typeof to === 'object' && !to.isGone;
        const actor = isThere ? to : this.#actors.at(typeof to === 'object' ? to.self : to);
        if (actor === undefined) this.#stats.dropped.unknownActor++;
        else {
          this.#stats.envelopesWithin++;
          this.#sender = delivery.from;
          actor.receive(delivery.message, delivery.from.self);
          this.#sender = undefined;
        }
        return;
      }
      case 'lost':
        for (const [watcher, watched] of delivery.watches)
          if (typeof watched === 'string') watcher.lost(watched);
          else for (const address of watched) watcher.lost(address);
        return;
      case 'stopped': {
        const { self, watchers } = delivery.actor;
        for (const watcher of watchers) watcher.lost(self);
        return;
      }
      case 'absent': {
        const { address, watcher } = delivery;
        if (this.#actors.at(address) === undefined) watcher.lost(address);
        else watcher.watch(address);
        return;
      }
      default:
        delivery satisfies never;
    }
  }
}
