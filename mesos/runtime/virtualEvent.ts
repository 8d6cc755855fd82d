/** What can happen in virtual time, to whom, and over what network. */
import type { Message } from '../protocol/message.ts';
import type { Actor, Address, Due, Millis, Timer } from './actor.ts';
import type { Ordered } from './eventQueue.ts';
import type { Few, FewBy } from './few.ts';

/** How the modelled network treats messages. */
export interface NetworkModel {
  /** Time that a message takes between two processes. */
  readonly latencyMs: Millis;
  /** Uniform extra in [0, jitterMs); messages of a pair still arrive in order. */
  readonly jitterMs: Millis;
  /** From the death of a process, or the break of a link, until those that watch are told. */
  readonly detectMs: Millis;
  /**
   * A link over which nothing comes breaks after this long, or up to half as long again. Default 10 s: 10 s to 15 s, as with
   * the wire's keepalive.
   */
  readonly partitionDetectMs?: Millis;
}

/** One hop in a data centre's network; a broken connection is noticed by the next packet. */
export const DATA_CENTRE: NetworkModel = { latencyMs: 0.25, jitterMs: 0.25, detectMs: 1 };

/** Where actors live: one object for each, so that whether two live together is seen without reading names. */
export interface Process {
  readonly name: string;
  /** Who it has proved to be. */
  principal: string | undefined;
}

/** One life of an actor, and what is known of it before and after. */
export interface Cell {
  readonly address: Address;
  readonly process: Process;
  /** Counts the lives of actors at this address. */
  life: number;
  actor: Actor | undefined;
  /** For whom it acts, if not for its process. */
  principal: string | undefined;
  /** Of a crashed one the process is gone, of a stopped one it lives on: that is a loss only to those who live in it too. */
  state: 'unborn' | 'alive' | 'stopped' | 'crashed';
  /** Who is told when this actor's process dies, or, in the same process, when it is stopped: watchers' cells. */
  readonly watchers: Few<Cell>;
  /** To all whom it has sent something, by their addresses. */
  readonly routes: FewBy<Route>;
}

/** From one life of an actor to another. */
export interface Route {
  readonly to: Cell;
  /** Between two processes: when the last message arrives. The next may not overtake it. */
  lastArrivalMs: Millis;
}

interface Pending extends Ordered {
  readonly at: Millis;
}

/** A message that is under way. */
export type Transit = Pending & {
  readonly kind: 'message';
  readonly to: Cell;
  readonly from: Cell;
  readonly message: Message;
};

/** Someone will be told of a loss. */
export type Loss = Pending & {
  readonly kind: 'lost';
  readonly to: Cell;
  readonly peer: Address;
  /** It was not there yet when someone wanted to watch it. If it is by then, nothing is lost. */
  readonly awaited?: Cell;
};

/** An actor's timer. */
export class Alarm implements Timer, Pending {
  readonly kind = 'timer';
  readonly at: Millis;
  readonly order: number;
  readonly owner: Cell;
  /** Undefined when it has happened or is cancelled. */
  due: Due | undefined;
  readonly #cancelled: () => void;

  constructor(at: Millis, order: number, owner: Cell, due: Due, cancelled: () => void) {
    this.at = at;
    this.order = order;
    this.owner = owner;
    this.due = due;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    if (this.due === undefined) return;
    this.due = undefined;
    this.#cancelled();
  }
}

/** Something that will happen. */
export type Event =
  | Transit
  | Loss
  | Alarm
  /** From outside; it waits while its process, if it has one, is paused. */
  | (Pending & { readonly kind: 'step'; readonly run: () => void; readonly process: string | undefined });
