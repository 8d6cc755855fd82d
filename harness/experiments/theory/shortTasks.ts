/** Slots that are kept for short tasks (NSDI'11 §4.4). */
import { cpuShares } from '../../measure/cpuShares.ts';
import { timesUp, waits } from '../../measure/waits.ts';
import type { Scenario } from '../experiment.ts';
import { ENDLESS, exponential, load, theoryScenario } from './trial.ts';

const SLAVES = 10;
const SLAVE_CPUS = 4;
const SIZES = [{ resources: { cpus: 1 } }];
const LONG_MS = 1_200_000;
const SHORT_MS = 10_000;
/** How long a task on a slot for short ones may take. */
const LIMIT_MS = 60_000;
const SPAN = { fromMs: 1_200_000, toMs: 6_000_000 };

/** Jobs of short tasks come to a cluster that is full of long ones. */
export function shortTaskScenarios(): readonly Scenario[] {
  return [scenario('none'), scenario('kept'), scenario('kept-and-abused')];
}

/** Nothing is kept; one slot of each slave is; and a framework with long tasks takes these, too. */
function scenario(slots: 'none' | 'kept' | 'kept-and-abused'): Scenario {
  const keeps = slots !== 'none';
  const abuser = slots === 'kept-and-abused';
  const groups = ['long', 'short', ...(abuser ? ['abuser'] : [])];
  const manners = { maxTaskDurationAtLeastMs: LIMIT_MS + 1 };
  return theoryScenario({
    id: `short-slots-${slots}`,
    label: {
      none: 'no slots for short tasks',
      kept: 'a slot of each slave for short tasks',
      'kept-and-abused': 'the same, and long tasks that take it',
    }[slots],
    seeds: 5,
    parameters: {
      'slots for short tasks': keeps ? SLAVES : 0,
      slots: SLAVES * SLAVE_CPUS,
      'long tasks, mean (s)': LONG_MS / 1000,
      'short tasks, mean (s)': SHORT_MS / 1000,
      'limit of short tasks (s)': LIMIT_MS / 1000,
    },
    cluster: {
      slaves: SLAVES,
      slaveResources: { cpus: SLAVE_CPUS },
      allocation: {
        module: 'fair',
        options: keeps ? { shortTasks: { reserve: { cpus: 1 }, maxTaskDurationMs: LIMIT_MS } } : {},
      },
      frameworks: [
        load('long', { arrivals: ENDLESS, taskMs: exponential(LONG_MS), sizes: SIZES, manners }),
        load('short', {
          arrivals: { type: 'open', gapMs: exponential(60_000) },
          tasksPerJob: { type: 'constant', value: 4 },
          taskMs: exponential(SHORT_MS),
          sizes: SIZES,
        }),
        // It launches a task that was ended again and again.
        ...(abuser
          ? [
              load('abuser', {
                arrivals: ENDLESS,
                taskMs: exponential(LONG_MS),
                sizes: SIZES,
                failuresPerTaskMax: 1e9,
              }),
            ]
          : []),
      ],
      untilMs: SPAN.toMs,
    },
    measures: [
      waits('short', SPAN),
      timesUp(groups, LIMIT_MS),
      cpuShares({ groups, groupOf: (framework) => framework, cpus: SLAVES * SLAVE_CPUS, span: SPAN }),
    ],
  });
}
