/** Large tasks beside small ones, and what is wasted by tasks that do not fit (NSDI'11 §4.6). */
import { cpuShares } from '../../measure/cpuShares.ts';
import type { Scenario } from '../experiment.ts';
import { constant, ENDLESS, exponential, load, theoryScenario } from './trial.ts';

const T_MS = 100_000;

/** Starvation and fragmentation. */
export function taskSizeScenarios(): readonly Scenario[] {
  return [
    ...MINIMUMS.map((cpus) => starving(cpus)),
    ...LARGEST.map((cpus) => fragmented(cpus)),
    ...LARGEST_MIXED.map((cpus) => mixed(cpus)),
  ];
}

/** Minimum offers, in CPUs of a slave of four. */
const MINIMUMS = [1, 2, 3, 4] as const;
/** The id of a scenario. */
const starvingId = (minimum: number): string => `minimum-offer-${minimum}`;

const SLAVES = 20;
const SLAVE_CPUS = 4;
/** The large framework comes to a cluster that is full of small tasks, and is watched for a while. */
const COMES_MS = 5 * T_MS;
const SPAN = { fromMs: 15 * T_MS, toMs: 55 * T_MS };

/** Small tasks for ever, and large ones that need a whole slave. */
function starving(minimum: number): Scenario {
  const groups = ['small-tasks', 'large-tasks'];
  return theoryScenario({
    id: starvingId(minimum),
    label: `tasks of 1 and of 4 CPUs, offers of at least ${minimum} CPUs`,
    seeds: 3,
    parameters: {
      'minimum offer (CPUs)': minimum,
      slaves: SLAVES,
      'large tasks (CPUs)': 4,
      'small tasks (CPUs)': 1,
    },
    cluster: {
      slaves: SLAVES,
      slaveResources: { cpus: SLAVE_CPUS },
      allocation: { module: 'fair', options: { minimumOffers: [{ cpus: minimum }] } },
      frameworks: [
        load('small-tasks', {
          arrivals: ENDLESS,
          taskMs: exponential(T_MS),
          sizes: [{ resources: { cpus: 1 } }],
        }),
        load(
          'large-tasks',
          { arrivals: ENDLESS, taskMs: exponential(T_MS), sizes: [{ resources: { cpus: SLAVE_CPUS } }] },
          { startMs: COMES_MS },
        ),
      ],
      untilMs: SPAN.toMs,
    },
    measures: [
      cpuShares({ groups, groupOf: (framework) => framework, cpus: SLAVES * SLAVE_CPUS, span: SPAN }),
    ],
  });
}

/** CPUs of a node. */
const NODE_CPUS = 10;
/** CPUs of the largest task. Just above a half and a third of a node is where most is wasted. */
const LARGEST = [0.5, 1, 1.5, 2, 2.6, 3, 3.4, 4, 4.5, 5, 5.1, 6, 7, 8, 9, 10] as const;
/** The same where there are tasks of 60 and of 80% of that size, too. */
const LARGEST_MIXED = [1, 2, 3, 4, 5, 6, 8, 10] as const;
/** The ids of scenarios. */
const fragmentedId = (largest: number): string => `one-size-${largest}`;
const mixedId = (largest: number): string => `mixed-sizes-${largest}`;

function fragmented(largest: number): Scenario {
  const sizes = [{ resources: { cpus: largest } }];
  return filled(fragmentedId(largest), `tasks of ${largest} CPUs on nodes of ${NODE_CPUS}`, largest, 1, [
    load('tasks', { arrivals: ENDLESS, taskMs: constant(T_MS), sizes }),
  ]);
}

function mixed(largest: number): Scenario {
  return filled(
    mixedId(largest),
    `tasks of up to ${largest} CPUs on nodes of ${NODE_CPUS}`,
    largest,
    3,
    [0.6, 0.8, 1].map((part) => {
      const cpus = Math.round(1000 * part * largest) / 1000;
      const sizes = [{ resources: { cpus } }];
      // What does not fit is not asked for: refusing it again and again changes nothing and takes time.
      return load(`tasks-of-${cpus}`, {
        arrivals: ENDLESS,
        taskMs: exponential(T_MS),
        sizes,
        manners: { filters: true },
      });
    }),
  );
}

/** A cluster with more tasks than fit: what is not in use is wasted. */
function filled(
  id: string,
  label: string,
  largest: number,
  seeds: number,
  frameworks: ReturnType<typeof load>[],
): Scenario {
  const slaves = 10;
  const span =
    frameworks.length === 1 ? { fromMs: T_MS / 4, toMs: T_MS / 2 } : { fromMs: 5 * T_MS, toMs: 20 * T_MS };
  return theoryScenario({
    id,
    label,
    seeds,
    parameters: {
      'largest task (CPUs)': largest,
      'node (CPUs)': NODE_CPUS,
      'sizes of tasks': frameworks.length,
    },
    cluster: { slaves, slaveResources: { cpus: NODE_CPUS }, frameworks, untilMs: span.toMs },
    measures: [
      cpuShares({
        groups: ['all'],
        groupOf: () => 'all',
        cpus: slaves * NODE_CPUS,
        span,
        least: 100 * (1 - largest / NODE_CPUS),
      }),
    ],
  });
}
