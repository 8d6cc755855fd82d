/** Keeps once in a process what thousands of its slaves are told alike, each in a message of its own. */
import type { SlaveId } from '../../mesos/protocol/entities.ts';
import type { RunTask } from '../../mesos/protocol/slave.ts';

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

/** Makes orders to run tasks share what is the same of all: frameworks, executors, resources and ids. `id`: of the slave that is told. */
export function sharingOrders(): (order: RunTask, id: SlaveId) => RunTask {
  const shared = sharing();
  return (order, id) => {
    const frameworkInfo = shared(order.frameworkInfo);
    const executor = shared(order.task.executor);
    const resources = shared(order.task.resources);
    const frameworkId = same(order.frameworkId, frameworkInfo.id);
    const slaveId = same(order.task.slaveId, id);
    return { ...order, frameworkId, frameworkInfo, task: { ...order.task, slaveId, executor, resources } };
  };
}

/** The same text: the one that is known, if it is, and the other is not kept. */
function same(text: string, known: string | undefined): string {
  return text === known ? known : text;
}
