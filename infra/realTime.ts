/** Real-time priority: for processes that must not wait for a processor, however many others want one. */
import type { Machine } from './machine.ts';

/** Lowest of the priorities that go before all that is not real-time. */
const PRIORITY = '1';

/**
 * Lets a process of a machine go before all that have no real-time priority; what it starts later does not inherit that. False if
 * this user may not do it, or if there is no such process.
 */
export function goFirst(machine: Machine, pid: number): Promise<boolean> {
  const flags = ['--rr', '--reset-on-fork', '--all-tasks', '--pid'];
  return machine.run('chrt', ...flags, PRIORITY, `${pid}`).then(
    () => true,
    () => false,
  );
}

/** Process ids of what a process of a machine has started and not waited for; none if there is no such process. */
export async function childrenOf(machine: Machine, pid: number): Promise<readonly number[]> {
  const lists = await machine.run('sh', '-c', `cat /proc/${pid}/task/*/children 2>/dev/null || :`);
  return lists.split(/\s+/).filter(Boolean).map(Number);
}
