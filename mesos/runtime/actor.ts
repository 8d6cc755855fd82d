/**
 * What an actor is and what it may do. Master, slaves, drivers and models are actors: they touch no socket, clock, file
 * or random source of their own, so that the same code runs in virtual time and for real.
 */
import type { HistoryEvent } from '../protocol/history.ts';
import type { Inbox, Message } from '../protocol/message.ts';

/** `name@host:port` of the process that the actor lives in; port 0 and a suffix if that process does not listen. */
export type Address = string;

/** The `host:port` of the process that an actor lives in. */
export const processOf = (address: Address): string => address.slice(address.indexOf('@') + 1);

/** The name of an actor in its process. */
export const nameOf = (address: Address): string => address.slice(0, address.indexOf('@'));

/** A time or a span, in milliseconds; may be fractional. */
export type Millis = number;

/** A source of randomness. */
export interface Random {
  /** A number in [0, 1), uniform. */
  uniform(): number;
  /** An integer in [0, 2³²), uniform. */
  uint32(): number;
}

/** A running timer. */
export interface Timer {
  /** Stops it; harmless if it has run already. */
  cancel(): void;
}

/** What happens when a time has come: a function runs, or something is told of which there are too many for each to have a function. */
export type Due = (() => void) | { due(): void };

/** Its time has come. */
export function happen(due: Due): void {
  if (typeof due === 'function') due();
  else due.due();
}

/** What anything in the house may know of time, chance and the history, without knowing which clock it runs on. */
export interface Clock {
  /** In virtual time a stream of this actor's own, which its address and the run's seed make; on the real clock nothing repeats. */
  readonly random: Random;
  /** Now: since the epoch for real, since the start of the run in virtual time. */
  now(): Millis;
  /** Lets something happen once, later. The delay is at least zero; equal times come in the order they were asked for. */
  after(delay: Millis, due: Due): Timer;
  /** Appends to the history of this process. */
  record(event: HistoryEvent): void;
}

/** All that an actor may do to the world. */
export interface Context extends Clock {
  readonly self: Address;
  /**
   * At most once, in order per pair of actors, never throws. Between two processes there is one link; what is sent when there
   * is none makes one. A message is lost only with the link: then whoever watches is told, and what is sent after that
   * travels over a new link. So `send` needs `watch` beside it wherever a loss matters. A message may arrive late, while
   * packets vanish or a process is stopped, and its sender may be dead by then. Handlers should bear a message twice: a
   * sender that was told of a loss cannot know what had arrived, and says it again.
   */
  send(to: Address, message: Message): void;
  /**
   * The actor's `lost` is called once when the link to the peer's process breaks, or cannot be made: at once when that process
   * ends, later when it falls silent (keepalive), or when a dial gets no answer. Never before what had arrived over that link
   * has been received. The other side may learn of it earlier or later, or, if it watches nothing here, not at all.
   *
   * Of a peer in this process it is called once when that is stopped, or if nobody lives there now: after all that the peer
   * had sent. Of one in another process it is not: a process outlives its actors.
   */
  watch(peer: Address): void;
  /**
   * Who the peer's process has proved to be. Undefined: it is not linked, or proved no name of its own (nothing at all, or
   * only that it knows the secret of the cluster). Of a peer in this process: for whom it acts; undefined: for the process,
   * or it was stopped. While a message is received, this is known of its sender, even if that was stopped meanwhile.
   */
  principalOf(peer: Address): string | undefined;
}

/** Something that receives messages. */
export interface Actor<M extends Message = Message> {
  receive(message: M, from: Address): void;
  /** A watched peer's process is gone, or out of reach. It may come back; watch again to hear of the next loss. */
  lost?(peer: Address): void;
}

/** How to make an actor of one kind. */
export interface ActorKind<M extends Message = Message> {
  /** The schemas of the messages that it accepts; others are refused at the border of the process. */
  readonly inbox: Inbox;
  create(context: Context): Actor<M>;
}

/** How an actor lives. */
export interface SpawnOptions {
  /** For whom it acts, and who has proved that to it: others in its process see this as its principal. */
  readonly principal?: string;
}

/** Where actors live. */
export interface Runtime {
  /** Starts an actor under a name that is unique in its process. Returns its address. */
  spawn<M extends Message>(name: string, kind: ActorKind<M>, options?: SpawnOptions): Address;
  /** Ends an actor: its timers stop, messages for it are dropped, and those in this process that watch it are told. */
  stop(address: Address): void;
}
