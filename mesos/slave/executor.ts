/** An executor on its slave: what is known of it, and what becomes of its tasks when it ends. */
import type { Container, Exit } from '../isolation/isolation.ts';
import type { ExecutorId, ExecutorInfo, FrameworkId, SlaveId } from '../protocol/entities.ts';
import { type Resources, sum, unreserved } from '../protocol/resources.ts';
import type { Address, Context, Millis, Timer } from '../runtime/actor.ts';
import { type Packed, unpacked } from '../runtime/packed.ts';
import { killedBy, type Task, type Verdict } from './task.ts';

/** Where an executor is in its life. */
export type ExecutorState =
  /** What its command names is being fetched; tasks wait. */
  | { readonly is: 'fetching' }
  /** Started; tasks wait until it subscribes. */
  | { readonly is: 'starting'; readonly timeout: Timer }
  /** It lives, as far as is known, but has to subscribe again. */
  | { readonly is: 'recovering'; readonly timeout: Timer }
  | { readonly is: 'running' }
  /** Told to end; destroyed when the grace period is over. */
  | { readonly is: 'ending'; readonly grace: Timer };

/** An executor. */
export interface Executor {
  /** Unique in its framework. */
  readonly id: ExecutorId;
  readonly frameworkId: FrameworkId;
  readonly info: ExecutorInfo;
  readonly containerId: string;
  readonly container: Container;
  state: ExecutorState;
  /** Where it subscribed from; undefined: it has not, or its process is gone. */
  address: Address | undefined;
  /** Tasks that have not reached a terminal state. */
  live: Packed<Task>;
  /** Why the slave has ended it, if it has. */
  verdict: Verdict | 'overdue' | undefined;
}

/** May the executor that is there be the one that subscribes? One that runs may say so twice. */
export function maySubscribe({ state, address }: Executor, from: Address): boolean {
  switch (state.is) {
    case 'starting':
    case 'recovering':
      return true;
    case 'running':
      return address === from;
    case 'fetching':
    case 'ending':
      return false;
    default:
      return state satisfies never;
  }
}

/** Stops what would happen if nothing else did. */
export function stopTimer(state: ExecutorState): void {
  switch (state.is) {
    case 'starting':
    case 'recovering':
      return state.timeout.cancel();
    case 'ending':
      return state.grace.cancel();
    case 'fetching':
    case 'running':
      return;
    default:
      state satisfies never;
  }
}

/** What is said of a task whose executor has ended under it. */
export function fate({ verdict, state, live }: Executor, task: Task, exit: Exit): Verdict {
  if (verdict === 'overdue') {
    const others = unpacked(live).length - 1;
    const also = others > 0 ? `, and with it its other tasks (${others})` : '';
    if (task.kill !== undefined)
      return killedBy(task.kill, task, {
        message: `It did not end when it was told to; its executor was ended${also}`,
      });
    const message = 'The executor was ended because another task did not end when it was told to';
    return { state: 'TASK_FAILED', reason: 'REASON_EXECUTOR_TERMINATED', message };
  }
  if (verdict !== undefined && exit.reason === undefined) return verdict;
  const isStarted = state.is !== 'starting' && state.is !== 'fetching';
  const own = isStarted ? 'REASON_EXECUTOR_TERMINATED' : 'REASON_CONTAINER_LAUNCH_FAILED';
  const { reason = own, message = `The executor ended with status ${exit.status}` } = exit;
  return { state: 'TASK_FAILED', reason, message };
}

/**
 * What the executor of a command takes for itself, in a container that limits it; nobody is offered less for it. It needs 22 MiB
 * (docs/isolation.md has the measurement), and with less than a processor its start would take seconds.
 */
const COMMAND_ALLOWANCE = { cpus: 0.1, cpusToStart: 1, mem: 64 };

/** What an executor's container holds: what its tasks do and it does itself, reserved or not. */
export function held({ info, live, state }: Executor): Resources {
  const total = unreserved(sum([info.resources, ...unpacked(live).map(({ info: task }) => task.resources)]));
  if (!info.isCommand) return total;
  const { cpus = 0, mem } = total;
  const { is } = state;
  const isStarting = is === 'fetching' || is === 'starting';
  return {
    ...total,
    cpus: cpus + (isStarting ? COMMAND_ALLOWANCE.cpusToStart : COMMAND_ALLOWANCE.cpus),
    // Where nothing is held nothing is limited.
    ...(mem !== undefined && { mem: mem + COMMAND_ALLOWANCE.mem }),
  };
}

/** Records now and then what each executor uses, if its isolation module knows. */
export function recordUsage(
  context: Context,
  intervalMs: Millis,
  executors: () => Iterable<Executor>,
  slaveId: () => SlaveId,
): void {
  context.after(intervalMs, () => {
    for (const { container, frameworkId, info } of executors()) {
      const usage = container.usage?.();
      if (usage === undefined) continue;
      const who = { frameworkId, executorId: info.executorId, slaveId: slaveId() };
      const { cpuSeconds, memBytes } = usage;
      context.record({ event: 'executor-usage', ...who, cpuSeconds, memBytes });
    }
    recordUsage(context, intervalMs, executors, slaveId);
  });
}
