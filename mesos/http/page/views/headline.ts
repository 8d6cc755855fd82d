/** The state of a cluster in a sentence or two: and what is wrong. */
import { count, counted } from '../format.ts';
import { phaseOf, TASK_STATES } from '../model/taskStates.ts';
import type { Summary } from '../topics.ts';

/** What to say. */
export interface Headline {
  /** A sentence for each thing that is wrong. */
  readonly trouble: readonly string[];
  readonly calm: string;
}

/** Says it. */
export function headline({ slaves, unreachable = 0, frameworks, tasks }: Summary): Headline {
  const { active = 0, inactive = 0, draining = 0, deactivated = 0, drained = 0 } = slaves;
  const { connected = 0, disconnected = 0, recovered = 0 } = frameworks;
  const all = active + inactive + draining + deactivated + drained;
  const live = TASK_STATES.filter((state) => phaseOf(state) === 'live').reduce(
    (sum, state) => sum + (tasks[state] ?? 0),
    0,
  );
  const away = inactive + unreachable;
  const alone = disconnected + recovered;
  const unsure = tasks.TASK_UNREACHABLE ?? 0;
  const trouble = [
    away > 0 && `${counted(away, 'slave is', 'slaves are')} out of reach.`,
    alone > 0 && `${counted(alone, 'framework has', 'frameworks have')} no scheduler.`,
    unsure > 0 && `${counted(unsure, 'task is', 'tasks are')} unreachable.`,
  ].filter((sentence) => sentence !== false);
  if (all === 0) return { trouble, calm: 'No slave has registered yet.' };
  const where =
    active < all
      ? `${count(active)} of ${counted(all, 'slave')}`
      : all === 1
        ? 'one slave'
        : `${count(all)} slaves`;
  if (live > 0)
    return {
      trouble,
      calm: `${counted(live, 'task runs', 'tasks run')} for ${counted(connected + alone, 'framework')} on ${where}.`,
    };
  const nobody =
    connected === 0 ? 'no framework is connected' : `no task runs for ${counted(connected, 'framework')}`;
  return {
    trouble,
    calm: `${where[0]?.toUpperCase()}${where.slice(1)} ${all === 1 ? 'is' : 'are'} there; ${nobody}.`,
  };
}
