/** Who is offered what is free: how much do job times hang on it? */
import { jobSpread } from '../../measure/jobSpread.ts';
import { jobWaits } from '../../measure/jobWaits.ts';
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import type { Allocation, VirtualFramework } from '../virtualScenario.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 20;
const WINDOW = { fromMs: 300 * SECOND_MS, toMs: 1_200 * SECOND_MS };

/** The orders that are compared. Of frameworks with equal shares, who was granted less often is first, or who came first. */
const ORDERS: Readonly<Record<string, { readonly label: string; readonly allocation: Allocation }>> = {
  fair: { label: 'fair, ties by grants', allocation: { module: 'fair' } },
  'first-come': { label: 'fair, ties by arrival', allocation: { module: 'first-come' } },
  lottery: { label: 'lottery', allocation: { module: 'lottery' } },
  priority: {
    label: 'priority: long jobs',
    allocation: { module: 'priority', options: { priorities: { long: 1 } } },
  },
};

/** Kinds of jobs, each of a framework of its own. Together they want more than the cluster has. */
const KINDS = ['short', 'medium', 'long'] as const;

const ALIKE = 40;

/** Twice as many frameworks as slots, each with one task at a time: those that wait have all the same share, nothing. */
const ties: readonly VirtualRunScenario[] = ['fair', 'first-come', 'lottery'].map((order) => {
  const { label = order, allocation } = ORDERS[order] ?? {};
  return scenarioOf({
    id: `ties-${order}`,
    label: `${ALIKE} frameworks that are alike; ${label}`,
    parameters: { 'offer order': label, 'frameworks that are alike': ALIKE },
    window: { fromMs: 60 * SECOND_MS, toMs: 660 * SECOND_MS },
    afterMs: 0,
    cluster: {
      slaves: ALIKE / 2,
      slaveResources: slots(1),
      ...(allocation !== undefined && { allocation }),
      frameworks: Array.from({ length: ALIKE }, (_, index) =>
        loadOf(`alike-${index + 1}`, {
          arrivals: { type: 'closed', users: 1, thinkMs: { type: 'exponential', mean: SECOND_MS } },
          taskMs: { type: 'exponential', mean: 10 * SECOND_MS },
          sizes: [{ resources: slots(1) }],
        }),
      ),
    },
    measures: [jobSpread],
  });
});

/** The same work under each order. */
const full: readonly VirtualRunScenario[] = Object.entries(ORDERS).map(([order, { label, allocation }]) =>
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

/** On a full cluster, and where shares are equal. */
export const offerOrder: readonly VirtualRunScenario[] = [...full, ...ties];

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
