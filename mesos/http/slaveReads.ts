/** What there is on a slave, and what was there, put in order for those who read it. */
import type { FrameworkId, FrameworkInfo } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import { unpacked } from '../runtime/packed.ts';
import type { Executor } from '../slave/executor.ts';
import type { Task } from '../slave/task.ts';
import type { SlaveWindow } from '../slave/window.ts';

/** An executor and its tasks. */
export interface ExecutorView {
  readonly executor: Executor;
  /** It has not been given them. */
  readonly queued: readonly Task[];
  readonly launched: readonly Task[];
  /** The first to end first; not those that ended long ago, if there are many. */
  readonly ended: readonly Task[];
}

/** A framework and its executors. */
export interface FrameworkView {
  readonly info: FrameworkInfo;
  readonly executors: readonly ExecutorView[];
  /** The first to end first; not those that ended long ago, if there are many. */
  readonly completedExecutors: readonly ExecutorView[];
}

/** The frameworks of a slave. */
export interface FrameworkViews {
  /** Those that have an executor here. */
  readonly active: readonly FrameworkView[];
  /** Those that had one. */
  readonly completed: readonly FrameworkView[];
}

/** Puts all in order. */
export function frameworksOn({ executors, frameworks, past }: SlaveWindow): FrameworkViews {
  const live = new Map<FrameworkId, ExecutorView[]>();
  for (const executor of executors) {
    const views = live.get(executor.frameworkId) ?? [];
    views.push(viewOf(executor, past.endedOf(executor)));
    live.set(executor.frameworkId, views);
  }
  const completedOf = (id: FrameworkId): readonly ExecutorView[] =>
    (past.frameworks.get(id)?.executors ?? []).map(({ executor, tasks }) => viewOf(executor, tasks));
  const active = frameworks.flatMap((info): FrameworkView[] => {
    const { id = '' } = info;
    const own = live.get(id);
    return own === undefined ? [] : [{ info, executors: own, completedExecutors: completedOf(id) }];
  });
  const completed = [...past.frameworks].flatMap(([id, { info }]): FrameworkView[] =>
    live.has(id) ? [] : [{ info, executors: [], completedExecutors: completedOf(id) }],
  );
  return { active, completed };
}

function viewOf(executor: Executor, ended: readonly Task[]): ExecutorView {
  const live = unpacked(executor.live).filter(({ state }) => !isTerminal(state));
  const isStarting = executor.state.is === 'fetching' || executor.state.is === 'starting';
  return { executor, ended, queued: isStarting ? live : [], launched: isStarting ? [] : live };
}
