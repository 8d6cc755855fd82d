/**
 * Virtual time: a whole cluster in one thread. An event queue is the clock, a seeded generator the only chance, a model
 * the network. The same seed gives the same history, byte for byte.
 */
import type { HistoryEvent, HistoryLine } from '../protocol/history.ts';
import type { Message } from '../protocol/message.ts';
import {
  type ActorKind,
  type Address,
  type Context,
  type Due,
  happen,
  type Millis,
  processOf,
  type Random,
  type Runtime,
  type SpawnOptions,
  type Timer,
} from './actor.ts';
import { Agenda } from './agenda.ts';
import { Few, FewBy } from './few.ts';
import { seededRandom } from './random.ts';
import {
  Alarm,
  type Cell,
  DATA_CENTRE,
  type Event,
  type Loss,
  type NetworkModel,
  type Process,
  type Route,
} from './virtualEvent.ts';
import { type Partition, VirtualFaults } from './virtualFaults.ts';

export { DATA_CENTRE, type NetworkModel } from './virtualEvent.ts';
export type { Partition } from './virtualFaults.ts';

/** What a virtual cluster needs. */
export interface VirtualOptions {
  readonly seed: string | number;
  readonly network?: NetworkModel;
  /** Receives each line of the history as it happens. */
  readonly history?: (line: HistoryLine) => void;
}

/** What an application says is never said twice; the rest may be, where duplication is asked for. */
const NEVER_TWICE: ReadonlySet<string> = new Set([
  'MESSAGE',
  'FRAMEWORK_TO_EXECUTOR',
  'EXECUTOR_TO_FRAMEWORK',
] satisfies Message['type'][]);

/** With fewer cancelled timers than these the queue is not worth clearing. */
const CANCELLED_MIN = 1000;

/** A cluster in virtual time. */
export class VirtualCluster {
  readonly #agenda = new Agenda();
  readonly #cells = new Map<Address, Cell>();
  readonly #processes = new Map<string, Process>();
  readonly #network: NetworkModel;
  readonly #networkRandom: Random;
  readonly #options: VirtualOptions;
  /** Absent until the first fault. */
  #faults: VirtualFaults | undefined;
  #duplication: { readonly probability: number; readonly random: Random } | undefined;
  /** Of the message that is being received. */
  #sender: Cell | undefined;
  #now: Millis = 0;
  /** One for all actors. */
  readonly #clock = (): Millis => this.#now;
  #order = 0;
  #lines = 0;
  #events = 0;
  /** Timers that are in the queue and will not run. */
  #cancelled = 0;
  readonly #timerCancelled = (): void => {
    this.#cancelled++;
    if (this.#cancelled > CANCELLED_MIN && 2 * this.#cancelled > this.#agenda.size) this.#dropCancelled();
  };

  constructor(options: VirtualOptions) {
    this.#options = options;
    this.#network = options.network ?? DATA_CENTRE;
    this.#networkRandom = seededRandom(`${options.seed}/network`);
  }

  /** Virtual time since the start. */
  get now(): Millis {
    return this.#now;
  }

  /** What will happen, timers included that were cancelled a while ago at most. */
  get pending(): number {
    return this.#agenda.size;
  }

  /** Events handled so far. A timer that was cancelled is none. */
  get events(): number {
    return this.#events;
  }

  /**
   * A process of the cluster, e.g. `10.0.0.1:5050`: a place for actors that live and die together. Others see that it has
   * proved to be the principal, if one is given.
   */
  process(name: string, { principal }: { readonly principal?: string } = {}): Runtime {
    if (principal !== undefined) this.#process(name).principal = principal;
    return {
      spawn: (actorName, kind, options) =>
        this.#spawn(`${actorName}@${name}`, kind as unknown as ActorKind, options),
      stop: (address) => this.#stop(this.#cell(address)),
    };
  }

  /** Ends a process as kill -9 does: its actors are gone, and those that watch them are told a little later. */
  crash(process: string): void {
    for (const cell of this.#cells.values())
      if (cell.process.name === process && (cell.state === 'alive' || cell.state === 'stopped'))
        this.#crash(cell);
    this.#faults?.crashed(process);
  }

  /**
   * The link between two processes breaks: what is under way is lost, also what is sent before those that watch are told, on
   * both sides, `detectMs` later. What is sent after that makes a new link.
   */
  breakLink(a: string, b: string): void {
    this.#faulty().breakLink(a, b);
  }

  /**
   * From now on packets between the groups vanish. Until the links break (`partitionDetectMs`), messages are held, and arrive
   * in order if it heals; then they are lost and both sides are told. After that messages are lost unless it heals within
   * the time-out of a dial, and who watches is told of a loss when that has passed.
   */
  partition(groupA: readonly string[], groupB: readonly string[]): Partition {
    return this.#faulty().partition(groupA, groupB);
  }

  /**
   * Stops a process as SIGSTOP does: messages, timers and losses wait until it is resumed. If that takes longer than
   * `partitionDetectMs`, its links break.
   */
  pause(process: string): void {
    this.#faulty().pause(process);
  }

  /** Lets a paused process go on: all that waits happens now, in order. Harmless if it is not paused. */
  resume(process: string): void {
    this.#faults?.resume(process);
  }

  /** Is the process paused? */
  isPaused(process: string): boolean {
    return this.#faults?.isPaused(process) === true;
  }

  /** Messages between two processes take longer for a time. They still arrive in order, and before the news of a death. */
  slowLink(a: string, b: string, extraMs: Millis, forMs: Millis): void {
    this.#faulty().slow(a, b, extraMs, forMs);
  }

  /**
   * From now on each message between processes arrives twice in a row with this probability; 0 ends it. Not so what
   * applications say to each other.
   */
  duplicateMessages(probability: number): void {
    const random = this.#duplication?.random ?? seededRandom(`${this.#options.seed}/duplication`);
    this.#duplication = { probability, random };
  }

  /** Does something to the cluster from outside, at a time; what belongs to a process waits while that is paused. */
  at(time: Millis, run: () => void, process?: string): void {
    this.#schedule({ kind: 'step', at: Math.max(time, this.#now), order: this.#order++, run, process });
  }

  /**
   * Runs until nothing is left to happen, `until` is true (asked after each event) or virtual time passes `limitMs`.
   * Returns why it ended. An exception of an actor ends the run.
   */
  run(until: () => boolean, limitMs: Millis): 'done' | 'idle' | 'limit' {
    while (!until()) {
      const event = this.#agenda.take(limitMs);
      if (event === undefined) {
        if (this.#agenda.size === 0) return 'idle';
        this.#now = Math.max(this.#now, limitMs);
        return 'limit';
      }
      if (event.kind === 'timer' && event.due === undefined) this.#cancelled--;
      else {
        this.#now = event.at;
        this.#events++;
        this.#handle(event);
      }
    }
    return 'done';
  }

  #dropCancelled(): void {
    this.#agenda.keep((event) => event.kind !== 'timer' || event.due !== undefined);
    this.#cancelled = 0;
  }

  #faulty(): VirtualFaults {
    this.#faults ??= new VirtualFaults({
      network: this.#network,
      random: seededRandom(`${this.#options.seed}/faults`),
      order: () => this.#order,
      processes: () => new Set([...this.#cells.values()].map(({ process }) => process.name)),
      step: (delayMs, run, process) => this.at(this.#now + delayMs, run, process),
      handle: (event) => this.#handle(event),
      act: (event) => this.#act(event),
      tellWatchers: (gone, watcher) => this.#tellWatchers(gone, watcher),
    });
    return this.#faults;
  }

  #handle(event: Event): void {
    if (this.#faults === undefined || !this.#faults.intercepts(event)) this.#act(event);
  }

  #act(event: Event): void {
    switch (event.kind) {
      case 'message':
        if (event.to.state === 'alive') {
          this.#sender = event.from;
          event.to.actor?.receive(event.message, event.from.address);
          this.#sender = undefined;
        }
        // As a closed port answers a packet: the sender's runtime learns that nobody is there.
        else if (event.to.state !== 'stopped' && event.to.watchers.has(event.from)) this.#tellLost(event.to);
        return;
      case 'timer':
        if (event.owner.state === 'alive') ring(event);
        return;
      case 'lost':
        if (event.awaited?.state === 'alive') event.awaited.watchers.add(event.to);
        else if (event.to.state === 'alive') event.to.actor?.lost?.(event.peer);
        return;
      case 'step':
        event.run();
        return;
      default:
        event satisfies never;
    }
  }

  #process(name: string): Process {
    let process = this.#processes.get(name);
    if (process === undefined) {
      process = { name, principal: undefined };
      this.#processes.set(name, process);
    }
    return process;
  }

  #cell(address: Address): Cell {
    let cell = this.#cells.get(address);
    if (cell === undefined) {
      cell = {
        address,
        process: this.#process(processOf(address)),
        life: 1,
        actor: undefined,
        principal: undefined,
        state: 'unborn',
        watchers: new Few(),
        routes: new FewBy(),
      };
      this.#cells.set(address, cell);
    }
    return cell;
  }

  #spawn(address: Address, kind: ActorKind, options: SpawnOptions = {}): Address {
    let cell = this.#cell(address);
    if (cell.state === 'alive') throw new Error(`an actor already lives at ${address}`);
    if (cell.state !== 'unborn') {
      // A new life: what was under way to the old one, and its timers, must not reach it.
      this.#cells.delete(address);
      for (const { routes } of this.#cells.values()) routes.delete(address);
      const { life } = cell;
      cell = this.#cell(address);
      cell.life = life + 1;
    }
    cell.state = 'alive';
    cell.principal = options.principal;
    cell.actor = kind.create(this.#context(cell));
    return address;
  }

  #stop(cell: Cell): void {
    if (cell.state === 'alive') cell.state = 'stopped';
    cell.actor = undefined;
    for (const watcher of cell.watchers)
      if (watcher.process === cell.process) this.#tellStopped(watcher, cell);
  }

  #tellStopped(to: Cell, stopped: Cell): void {
    stopped.watchers.delete(to);
    this.#schedule({ kind: 'lost', at: this.#now, order: this.#order++, to, peer: stopped.address });
  }

  #crash(cell: Cell): void {
    cell.state = 'crashed';
    cell.actor = undefined;
    this.#tellLost(cell);
  }

  #tellLost(gone: Cell): void {
    const awaited = gone.state === 'unborn' ? { awaited: gone } : undefined;
    for (const to of gone.watchers) this.#tell(to, gone, this.#now + this.#network.detectMs, awaited);
    gone.watchers.clear();
  }

  #tell(to: Cell, gone: Cell, time: Millis, awaited?: Pick<Loss, 'awaited'>): void {
    let at = time;
    if (this.#faults !== undefined) {
      at += this.#faults.extraMs(gone.process.name, to.process.name);
      const route = gone.routes.get(to.address);
      if (route?.to === to) at = Math.max(at, route.lastArrivalMs);
    }
    this.#schedule({ kind: 'lost', at, order: this.#order++, to, peer: gone.address, ...awaited });
  }

  /** The link between two processes is gone: tells those in one that watch the other. */
  #tellWatchers(gone: string, watcher: string): void {
    for (const cell of this.#cells.values()) {
      if (cell.process.name !== gone) continue;
      for (const to of cell.watchers) {
        if (to.process.name !== watcher) continue;
        this.#schedule({ kind: 'lost', at: this.#now, order: this.#order++, to, peer: cell.address });
        cell.watchers.delete(to);
      }
    }
  }

  #route(from: Cell, address: Address): Route {
    let route = from.routes.get(address);
    if (route === undefined) {
      route = { to: this.#cell(address), lastArrivalMs: 0 };
      from.routes.set(address, route);
    }
    return route;
  }

  #send(from: Cell, address: Address, message: Message): void {
    const route = this.#route(from, address);
    const { to } = route;
    if (from.process === to.process) return this.#carry(from, to, this.#now, message);
    const { latencyMs, jitterMs } = this.#network;
    let at = this.#now + (jitterMs > 0 ? latencyMs + this.#networkRandom.uniform() * jitterMs : latencyMs);
    if (this.#faults !== undefined) {
      const extraMs = this.#faults.sends(from.process.name, to.process.name);
      if (extraMs === 'lost') return;
      at += extraMs;
    }
    if (route.lastArrivalMs > at) at = route.lastArrivalMs;
    else route.lastArrivalMs = at;
    this.#carry(from, to, at, message);
    if (this.#isTwice(message)) this.#carry(from, to, at, message);
  }

  #carry(from: Cell, to: Cell, at: Millis, message: Message): void {
    this.#schedule({ kind: 'message', at, order: this.#order++, to, from, message });
  }

  #isTwice({ type }: Message): boolean {
    if (this.#duplication === undefined || NEVER_TWICE.has(type)) return false;
    return this.#duplication.random.uniform() < this.#duplication.probability;
  }

  #schedule(event: Event): void {
    this.#agenda.add(event, this.#now);
  }

  #context(cell: Cell): Context {
    return {
      self: cell.address,
      // Ids are made of it: each life must make others.
      random: seededRandom(`${this.#options.seed}/${cell.address}${cell.life > 1 ? `/${cell.life}` : ''}`),
      now: this.#clock,
      after: (delay, due) => this.#after(cell, delay, due),
      send: (to, message) => {
        if (cell.state === 'alive') this.#send(cell, to, message);
      },
      watch: (peer) => {
        const peerCell = this.#cell(peer);
        if (this.#faults !== undefined) {
          const tell = (): void => cell.actor?.lost?.(peer);
          if (this.#faults.watches(cell.process.name, peerCell.process.name, tell)) return;
        }
        peerCell.watchers.add(cell);
        if (peerCell.state === 'stopped' && peerCell.process === cell.process)
          this.#tellStopped(cell, peerCell);
        else if (peerCell.state === 'unborn' || peerCell.state === 'crashed') this.#tellLost(peerCell);
      },
      principalOf: (peer) => {
        const of = this.#sender?.address === peer ? this.#sender : this.#cell(peer);
        if (of.process !== cell.process) return of.process.principal;
        return of === this.#sender || of.state === 'alive' ? of.principal : undefined;
      },
      record: (event) => this.#record(cell, event),
    };
  }

  #after(owner: Cell, delay: Millis, due: Due): Timer {
    if (Number.isNaN(delay)) throw new RangeError('a timer of NaN milliseconds would never end');
    const at = this.#now + Math.max(0, delay);
    const alarm = new Alarm(at, this.#order++, owner, due, this.#timerCancelled);
    this.#schedule(alarm);
    return alarm;
  }

  #record(cell: Cell, event: HistoryEvent): void {
    this.#options.history?.({ t: this.#now, seq: this.#lines++, by: cell.address, ...event });
  }
}

function ring(alarm: Alarm): void {
  const { due } = alarm;
  alarm.due = undefined;
  if (due !== undefined) happen(due);
}
