/** Who is offered what is free: how much do job times hang on it? */
import { jobWaits } from '../../measure/jobWaits.ts';
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import type { Allocation, VirtualFramework } from '../virtualScenario.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 20;
const WINDOW = { fromMs: 300 * SECOND_MS, toMs: 1_500 * SECOND_MS };

/** The orders that are compared. */
export const ORDERS: Readonly<Record<string, { readonly label: string; readonly allocation: Allocation }>> = {
  fair: { label: 'fair; ties: who was granted less often', allocation: { module: 'fair' } },
  'first-come': { label: 'fair; ties: who came first', allocation: { module: 'first-come' } },
  lottery: { label: 'lottery', allocation: { module: 'lottery' } },
  priority: {
    label: 'priority for long jobs',
    allocation: { module: 'priority', options: { priorities: { long: 1 } } },
  },
};

/** Kinds of jobs, each of a framework of its own. Together they want more than the cluster has. */
export const KINDS = ['short', 'medium', 'long'] as const;

/** The same work under each order. */
export const offerOrder: readonly VirtualRunScenario[] = Object.entries(ORDERS).map(
  ([order, { label, allocation }]) =>
    scenarioOf({
      id: `order-${order}`,
      label,
      parameters: { 'offer order': label },
      seeds: 3,
      window: WINDOW,
      afterMs: 600 * SECOND_MS,
      cluster: {
        slaves: SLAVES,
        slaveResources: slots(4),
        allocation,
        frameworks: [
          jobsOf('short', { users: 8, tasks: 4, taskS: 5 }),
          jobsOf('medium', { users: 10, tasks: 12, taskS: 10 }),
          jobsOf('long', { users: 12, tasks: 40, taskS: 30 }),
        ],
      },
      measures: [(window) => slotUse(window, KINDS), jobWaits],
    }),
);

function jobsOf(
  kind: (typeof KINDS)[number],
  jobs: { readonly users: number; readonly tasks: number; readonly taskS: number },
): VirtualFramework {
  const { users, tasks, taskS } = jobs;
  return loadOf(
    kind,
    {
      arrivals: { type: 'closed', users, thinkMs: { type: 'exponential', mean: 10 * SECOND_MS } },
      untilMs: WINDOW.toMs,
      tasksPerJob: { type: 'constant', value: tasks },
      taskMs: { type: 'exponential', mean: taskS * SECOND_MS },
      sizes: [{ resources: slots(1) }],
    },
    { role: kind },
  );
}
