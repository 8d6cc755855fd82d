/** Keeps once in a process what thousands of its slaves are told alike, each in a message of its own. */
import type { SlaveMessage } from '../../mesos/protocol/message.ts';
import type { Actor, ActorKind, Address } from '../../mesos/runtime/actor.ts';

/** More than so many are not of the kind that is told again and again. */
const KEPT_MAX = 10_000;

/** Returns, for each value, the first that was equal to it as JSON. */
export function sharing(): <T extends object>(value: T) => T {
  const kept = new Map<string, object>();
  return <T extends object>(value: T): T => {
    const text = JSON.stringify(value);
    const known = kept.get(text);
    if (known !== undefined) return known as T;
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(text, value);
    return value;
  };
}

/** A slave whose tasks share what is the same of all: frameworks, executors and resources. */
export function sharingSlave(
  { inbox, create }: ActorKind<SlaveMessage>,
  shared: ReturnType<typeof sharing>,
): ActorKind<SlaveMessage> {
  return { inbox, create: (context) => new SharingSlave(create(context), shared) };
}

/** A class, because there are thousands of them. */
class SharingSlave implements Actor<SlaveMessage> {
  readonly #slave: Actor<SlaveMessage>;
  readonly #shared: ReturnType<typeof sharing>;

  constructor(slave: Actor<SlaveMessage>, shared: ReturnType<typeof sharing>) {
    this.#slave = slave;
    this.#shared = shared;
  }

  receive(message: SlaveMessage, from: Address): void {
    if (message.type !== 'RUN_TASK') return this.#slave.receive(message, from);
    const { frameworkInfo, task } = message;
    const executor = this.#shared(task.executor);
    const resources = this.#shared(task.resources);
    const own = { frameworkInfo: this.#shared(frameworkInfo), task: { ...task, executor, resources } };
    this.#slave.receive({ ...message, ...own }, from);
  }

  lost(peer: Address): void {
    this.#slave.lost?.(peer);
  }
}
