/**
 * Virtual time: a whole cluster in one thread. An event queue is the clock, a seeded generator the only chance, a model
 * the network. The same seed gives the same history, byte for byte.
 */
import type { HistoryEvent, HistoryLine } from '../protocol/history.ts';
import type { Message } from '../protocol/message.ts';
import type { Actor, ActorKind, Address, Context, Millis, Random, Runtime, Timer } from './actor.ts';
import { EventQueue, type Pending } from './eventQueue.ts';
import { seededRandom } from './random.ts';

/** How the modelled network treats messages. */
export interface NetworkModel {
  /** Time that a message takes between two processes. */
  readonly latencyMs: Millis;
  /** Uniform extra in [0, jitterMs); messages of a pair still arrive in order. */
  readonly jitterMs: Millis;
  /** From the death of a process until those that watch it are told. */
  readonly detectMs: Millis;
}

/** One hop in a data centre's network; a broken connection is noticed by the next packet. */
export const DATA_CENTRE: NetworkModel = { latencyMs: 0.25, jitterMs: 0.25, detectMs: 1 };

/** What a virtual cluster needs. */
export interface VirtualOptions {
  readonly seed: string | number;
  readonly network?: NetworkModel;
  /** Receives each line of the history as it happens. */
  readonly history?: (line: HistoryLine) => void;
}

interface Cell {
  readonly address: Address;
  readonly process: string;
  readonly id: number;
  actor: Actor | undefined;
  /** Of a crashed one the process is gone, of a stopped one it lives on: only the former is a loss to those that watch. */
  state: 'unborn' | 'alive' | 'stopped' | 'crashed';
  /** Who is told when this actor's process dies: watchers' cells. */
  readonly watchers: Set<Cell>;
  /** When its last message to each other cell, by id, arrives: the next may not overtake it. */
  readonly lastArrivals: Map<number, Millis>;
}

type Event = Pending &
  (
    | { readonly kind: 'message'; readonly to: Cell; readonly from: Cell; readonly message: Message }
    | { readonly kind: 'timer'; readonly owner: Cell; readonly run: () => void; cancelled: boolean }
    | { readonly kind: 'lost'; readonly to: Cell; readonly peer: Address }
    | { readonly kind: 'step'; readonly run: () => void }
  );

/** A cluster in virtual time. */
export class VirtualCluster {
  readonly #queue = new EventQueue<Event>();
  readonly #cells = new Map<Address, Cell>();
  readonly #principals = new Map<string, string>();
  readonly #network: NetworkModel;
  readonly #networkRandom: Random;
  readonly #options: VirtualOptions;
  #now: Millis = 0;
  #order = 0;
  #lines = 0;
  #events = 0;
  #cellsMade = 0;

  constructor(options: VirtualOptions) {
    this.#options = options;
    this.#network = options.network ?? DATA_CENTRE;
    this.#networkRandom = seededRandom(`${options.seed}/network`);
  }

  /** Virtual time since the start. */
  get now(): Millis {
    return this.#now;
  }

  /** Events handled so far. */
  get events(): number {
    return this.#events;
  }

  /**
   * A process of the cluster, e.g. `10.0.0.1:5050`: a place for actors that live and die together. Others see that it has
   * proved to be the principal, if one is given.
   */
  process(name: string, { principal }: { readonly principal?: string } = {}): Runtime {
    if (principal !== undefined) this.#principals.set(name, principal);
    return {
      spawn: (actorName, kind) => this.#spawn(`${actorName}@${name}`, kind as unknown as ActorKind),
      stop: (address) => this.#stop(this.#cell(address)),
    };
  }

  /** Ends a process as kill -9 does: its actors are gone, and those that watch them are told a little later. */
  crash(process: string): void {
    for (const cell of this.#cells.values())
      if (cell.process === process && (cell.state === 'alive' || cell.state === 'stopped')) this.#crash(cell);
  }

  /** Does something to the cluster from outside, at a time. */
  at(time: Millis, run: () => void): void {
    this.#schedule({ kind: 'step', at: Math.max(time, this.#now), order: this.#order++, run });
  }

  /**
   * Runs until nothing is left to happen, `until` is true (asked after each event) or virtual time passes `limitMs`.
   * Returns why it ended. An exception of an actor ends the run.
   */
  run(until: () => boolean, limitMs: Millis): 'done' | 'idle' | 'limit' {
    while (!until()) {
      const event = this.#queue.peek();
      if (event === undefined) return 'idle';
      if (event.at > limitMs) {
        this.#now = Math.max(this.#now, limitMs);
        return 'limit';
      }
      this.#queue.pop();
      this.#now = event.at;
      this.#events++;
      this.#handle(event);
    }
    return 'done';
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'message':
        if (event.to.state === 'alive') event.to.actor?.receive(event.message, event.from.address);
        // As a closed port answers a packet: the sender's runtime learns that nobody is there.
        else if (event.to.state !== 'stopped' && event.to.watchers.has(event.from)) this.#tellLost(event.to);
        return;
      case 'timer':
        if (!event.cancelled && event.owner.state === 'alive') event.run();
        return;
      case 'lost':
        if (event.to.state === 'alive') event.to.actor?.lost?.(event.peer);
        return;
      case 'step':
        event.run();
        return;
      default:
        event satisfies never;
    }
  }

  #cell(address: Address): Cell {
    let cell = this.#cells.get(address);
    if (cell === undefined) {
      const process = address.slice(address.indexOf('@') + 1);
      cell = {
        address,
        process,
        id: this.#cellsMade++,
        actor: undefined,
        state: 'unborn',
        watchers: new Set(),
        lastArrivals: new Map(),
      };
      this.#cells.set(address, cell);
    }
    return cell;
  }

  #spawn(address: Address, kind: ActorKind): Address {
    let cell = this.#cell(address);
    if (cell.state === 'alive') throw new Error(`an actor already lives at ${address}`);
    if (cell.state !== 'unborn') {
      // A new life: what was under way to the old one, and its timers, must not reach it.
      this.#cells.delete(address);
      cell = this.#cell(address);
    }
    cell.state = 'alive';
    cell.actor = kind.create(this.#context(cell));
    return address;
  }

  #stop(cell: Cell): void {
    if (cell.state === 'alive') cell.state = 'stopped';
    cell.actor = undefined;
  }

  #crash(cell: Cell): void {
    cell.state = 'crashed';
    cell.actor = undefined;
    this.#tellLost(cell);
  }

  #tellLost(gone: Cell): void {
    const at = this.#now + this.#network.detectMs;
    for (const to of gone.watchers)
      this.#schedule({ kind: 'lost', at, order: this.#order++, to, peer: gone.address });
    gone.watchers.clear();
  }

  #send(from: Cell, to: Cell, message: Message): void {
    const { latencyMs, jitterMs } = this.#network;
    let at = this.#now;
    if (from.process !== to.process) {
      at += jitterMs > 0 ? latencyMs + this.#networkRandom.uniform() * jitterMs : latencyMs;
      const last = from.lastArrivals.get(to.id);
      if (last !== undefined && last > at) at = last;
      from.lastArrivals.set(to.id, at);
    }
    this.#schedule({ kind: 'message', at, order: this.#order++, to, from, message });
  }

  #schedule(event: Event): void {
    if (event.at === this.#now) this.#queue.pushAtOnce(event);
    else this.#queue.push(event);
  }

  #context(cell: Cell): Context {
    return {
      self: cell.address,
      random: seededRandom(`${this.#options.seed}/${cell.address}`),
      now: () => this.#now,
      after: (delay, run) => this.#after(cell, delay, run),
      send: (to, message) => {
        if (cell.state === 'alive') this.#send(cell, this.#cell(to), message);
      },
      watch: (peer) => {
        const peerCell = this.#cell(peer);
        peerCell.watchers.add(cell);
        if (peerCell.state === 'unborn' || peerCell.state === 'crashed') this.#tellLost(peerCell);
      },
      principalOf: (peer) => {
        const { process } = this.#cell(peer);
        return process === cell.process ? undefined : this.#principals.get(process);
      },
      record: (event) => this.#record(cell, event),
    };
  }

  #after(owner: Cell, delay: Millis, run: () => void): Timer {
    const timer: Event & { kind: 'timer' } = {
      kind: 'timer',
      at: this.#now + Math.max(0, delay),
      order: this.#order++,
      owner,
      run,
      cancelled: false,
    };
    this.#schedule(timer);
    return {
      cancel: () => {
        timer.cancelled = true;
      },
    };
  }

  #record(cell: Cell, event: HistoryEvent): void {
    this.#options.history?.({ t: this.#now, seq: this.#lines++, by: cell.address, ...event });
  }
}
