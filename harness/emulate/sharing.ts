/** Keeps once in a process what thousands of its slaves are told alike, each in a message of its own. */
import type { SlaveId } from '../../mesos/protocol/entities.ts';
import type { SlaveMessage } from '../../mesos/protocol/message.ts';
import type { SlaveOrder } from '../../mesos/protocol/slave.ts';
import type { Actor, ActorKind, Address } from '../../mesos/runtime/actor.ts';

type RunTask = SlaveOrder & { readonly type: 'RUN_TASK' };

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

/** A slave whose tasks share what is the same of all: frameworks, executors, resources and ids. */
export function sharingSlave(
  { inbox, create }: ActorKind<SlaveMessage>,
  shared: ReturnType<typeof sharing>,
): ActorKind<SlaveMessage> {
  return { inbox, create: (context) => new SharingSlave(create(context), shared) };
}

/** The same text: the one that is known, if it is, and the other is not kept. */
function same(text: string, known: string | undefined): string {
  return text === known ? known : text;
}

/** A class, because there are thousands of them. */
class SharingSlave implements Actor<SlaveMessage> {
  readonly #slave: Actor<SlaveMessage>;
  readonly #shared: ReturnType<typeof sharing>;
  /** As it was told. */
  #id: SlaveId | undefined;

  constructor(slave: Actor<SlaveMessage>, shared: ReturnType<typeof sharing>) {
    this.#slave = slave;
    this.#shared = shared;
  }

  receive(message: SlaveMessage, from: Address): void {
    if (message.type === 'SLAVE_REGISTERED') this.#id = message.slaveId;
    this.#slave.receive(message.type === 'RUN_TASK' ? this.#sharing(message) : message, from);
  }

  #sharing(order: RunTask): RunTask {
    const frameworkInfo = this.#shared(order.frameworkInfo);
    const executor = this.#shared(order.task.executor);
    const resources = this.#shared(order.task.resources);
    const frameworkId = same(order.frameworkId, frameworkInfo.id);
    const slaveId = same(order.task.slaveId, this.#id);
    return { ...order, frameworkId, frameworkInfo, task: { ...order.task, slaveId, executor, resources } };
  }

  lost(peer: Address): void {
    this.#slave.lost?.(peer);
  }
}
