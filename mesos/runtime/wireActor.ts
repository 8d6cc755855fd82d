/** One actor in a process on the real clock: its context, its timers, its watches. */
import type { HistoryEvent } from '../protocol/history.ts';
import type { Inbox, Message } from '../protocol/message.ts';
import {
  type Actor,
  type ActorKind,
  type Address,
  type Context,
  type Due,
  happen,
  type Millis,
  nameOf,
  type Random,
  type SpawnOptions,
  type Timer,
} from './actor.ts';
import type { Watched, Watcher } from './link/peer.ts';
import { type Packed, packed, unpacked, withOne, without } from './packed.ts';
import type { TimerOwner } from './wireTimers.ts';

/** What an actor's context needs of its process. */
export interface ActorHost {
  readonly random: Random;
  readonly now: () => Millis;
  startTimer(delay: Millis, due: Due, owner: TimerOwner): Timer;
  /** So many timers will not run. */
  timersCancelled(count: number): void;
  send(to: Address, from: WireActor, message: Message): void;
  /** Returns what is watched now, if there is anything. */
  watch(address: Address, watcher: WireActor): Watched | undefined;
  principalOf(address: Address): string | undefined;
  record(event: HistoryEvent, by: Address): void;
  /** The actor threw something. */
  fault(error: unknown, actor: Address): void;
}

/** An actor that is being made: it may act, and nothing reaches it. */
const UNBORN: Actor = { receive() {} };

/** An actor and its context. */
export class WireActor implements Context, Watcher, Watched, TimerOwner {
  readonly self: Address;
  readonly inbox: Inbox;
  /** For whom it acts, if not for the process. */
  readonly principal: string | undefined;
  timers = 0;
  readonly #host: ActorHost;
  /** Undefined when it has ended. */
  #actor: Actor | undefined = UNBORN;
  #watched: Packed<Watched> = packed();
  #watchers: Packed<Watcher> = packed();

  /** Makes the actor too; throws what its `create` throws. */
  constructor(self: Address, kind: ActorKind, host: ActorHost, options: SpawnOptions = {}) {
    this.self = self;
    this.inbox = kind.inbox;
    this.principal = options.principal;
    this.#host = host;
    this.#actor = kind.create(this);
  }

  // A context may be taken apart; but what it consists of is made when it is asked for, for a process may have a hundred thousand of them.

  get now(): Context['now'] {
    return this.#host.now;
  }

  get after(): Context['after'] {
    return (delay, due) => (this.isGone ? { cancel: () => {} } : this.#host.startTimer(delay, due, this));
  }

  get send(): Context['send'] {
    return (to, message) => {
      if (!this.isGone) this.#host.send(to, this, message);
    };
  }

  get watch(): Context['watch'] {
    return (address) => {
      if (this.isGone) return;
      const watched = this.#host.watch(address, this);
      if (watched !== undefined) this.#watched = withOne(this.#watched, watched);
    };
  }

  get principalOf(): Context['principalOf'] {
    return (address) => this.#host.principalOf(address);
  }

  get record(): Context['record'] {
    return (event) => this.#host.record(event, this.self);
  }

  get random(): Random {
    return this.#host.random;
  }

  get name(): string {
    return nameOf(this.self);
  }

  get isGone(): boolean {
    return this.#actor === undefined;
  }

  /** Hands over a message that has been checked. */
  receive(message: Message, from: Address): void {
    if (this.#actor === undefined) return;
    try {
      this.#actor.receive(message, from);
    } catch (error) {
      this.#host.fault(error, this.self);
    }
  }

  lost(address: Address): void {
    this.fire(() => this.#actor?.lost?.(address));
  }

  /** Actors of this process that watch it. */
  get watchers(): readonly Watcher[] {
    return unpacked(this.#watchers);
  }

  watchedBy(watcher: Watcher): void {
    this.#watchers = withOne(this.#watchers, watcher);
  }

  unwatch(watcher: Watcher): void {
    this.#watchers = without(this.#watchers, watcher);
  }

  forget(watched: Watched): void {
    this.#watched = without(this.#watched, watched);
  }

  fire(due: Due): void {
    if (this.isGone) return;
    try {
      happen(due);
    } catch (error) {
      this.#host.fault(error, this.self);
    }
  }

  timerCancelled(): void {
    this.#host.timersCancelled(1);
  }

  /** Ends it: nothing reaches it any more, and it reaches nothing. */
  stop(): void {
    this.#actor = undefined;
    this.#host.timersCancelled(this.timers);
    for (const watched of unpacked(this.#watched)) watched.unwatch(this);
    this.#watched = packed();
    for (const watcher of this.watchers) watcher.forget(this);
  }
}
