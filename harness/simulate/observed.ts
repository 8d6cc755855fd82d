/** Actors with a layer around them: what they send and wait for is counted, or what they receive is slowed down. */
import type { Message } from '../../mesos/protocol/message.ts';
import {
  type ActorKind,
  type Clock,
  type Context,
  type Due,
  happen,
  type Millis,
  type Timer,
} from '../../mesos/runtime/actor.ts';

/** What an actor has sent, and what it waits for. */
export class Ledger {
  /** Messages by type. */
  readonly sent = new Map<string, number>();
  readonly #timers = new Set<Timer>();

  /** Timers that run. */
  get timers(): number {
    return this.#timers.size;
  }

  count(message: Message): void {
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
  }

  /** Starts a timer that is counted until it has run or is cancelled. */
  after(clock: Clock, delay: Millis, due: Due): Timer {
    const inner = clock.after(delay, () => {
      this.#timers.delete(timer);
      happen(due);
    });
    const timer: Timer = {
      cancel: () => {
        this.#timers.delete(timer);
        inner.cancel();
      },
    };
    this.#timers.add(timer);
    return timer;
  }
}

/** The same actor, whose messages and timers are counted. */
export function observed<M extends Message>(kind: ActorKind<M>, ledger: Ledger): ActorKind<M> {
  return {
    inbox: kind.inbox,
    create: (context) =>
      kind.create({
        ...context,
        after: (delay, due) => ledger.after(context, delay, due),
        send: (to, message) => {
          ledger.count(message);
          context.send(to, message);
        },
      }),
  };
}

/** The same actor behind a queue: each message and each loss takes it up to `delayMs` to notice, in order. */
export function slowed<M extends Message>(kind: ActorKind<M>, delayMs: Millis): ActorKind<M> {
  if (delayMs === 0) return kind;
  return {
    inbox: kind.inbox,
    create: (context) => {
      const actor = kind.create(context);
      const queue = queueOf(context, delayMs);
      return {
        receive: (message, from) => queue(() => actor.receive(message, from)),
        lost: (peer) => queue(() => actor.lost?.(peer)),
      };
    },
  };
}

/** Runs things later, each by up to `delayMs`, in the order in which they were asked for. */
export function queueOf(
  clock: Pick<Context, 'now' | 'after' | 'random'>,
  delayMs: Millis,
): (run: () => void) => void {
  let last: Millis = 0;
  return (run) => {
    last = Math.max(last, clock.now() + clock.random.uniform() * delayMs);
    clock.after(last - clock.now(), run);
  };
}
