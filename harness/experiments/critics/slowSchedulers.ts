/** Omega's critique (EuroSys'13 §4.2): a scheduler that thinks long holds what it is offered, and the others see little else. */
import { decisions } from '../../measure/decisions.ts';
import { jobWaits } from '../../measure/jobWaits.ts';
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import type { Allocation, VirtualScenario } from '../virtualScenario.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 100;
const CPUS_EACH = 8;
const WINDOW = { fromMs: 600 * SECOND_MS, toMs: 2_100 * SECOND_MS };
const AFTER_MS = 300 * SECOND_MS;
/** Omega's cells are filled to 60% when its simulations begin; here this part stays. */
const RESIDENT_PART = 0.6;
/** Batch jobs are decided upon as in Omega: 0.1 s, and 5 ms for each task. */
const BATCH_DECISION = { perJobMs: 100, perTaskMs: 5 };
/** A scheduler sees offers once a second at most, and the run lasts 40 minutes: a tenth of Omega's 1,000 attempts in a day. */
const ATTEMPTS_MAX = 100;

/** Time that the service scheduler takes for a job, in seconds: if the master does nothing about it, and if it does. */
const DECISION_S = [0.1, 3, 10, 30, 100] as const;
const REMEDIED_S = [0.1, 3, 10, 100] as const;

/** What the master does about it. */
const REMEDIES: Readonly<
  Record<
    'none' | 'rescind' | 'limit',
    { readonly label: string; readonly master?: VirtualScenario['master']; readonly allocation?: Allocation }
  >
> = {
  none: { label: 'nothing' },
  rescind: { label: 'rescinds offers after 5 s', master: { offerTimeoutMs: 5 * SECOND_MS } },
  limit: {
    label: 'limits unanswered offers to 5%',
    allocation: { module: 'fair', options: { unansweredMax: 0.05 } },
  },
};

const RESIDENTS = loadOf('residents', {
  arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
  jobsMax: 1,
  tasksPerJob: { type: 'constant', value: RESIDENT_PART * SLAVES * CPUS_EACH },
  taskMs: { type: 'constant', value: 2 * WINDOW.toMs },
  sizes: [{ resources: slots(1) }],
});

/** Most jobs, and short ones: 16 to 20% of the cluster. One in twenty has tasks that need half a slave each. */
const BATCH = loadOf(
  'batch',
  {
    arrivals: { type: 'open', gapMs: { type: 'exponential', mean: 8 * SECOND_MS } },
    untilMs: WINDOW.toMs,
    tasksPerJob: { type: 'exponential', mean: 17 },
    taskMs: { type: 'exponential', mean: 60 * SECOND_MS },
    sizes: [{ resources: slots(1), weight: 19 }, { resources: slots(4) }],
    attemptsMax: ATTEMPTS_MAX,
    manners: { answer: { type: 'slow', ...BATCH_DECISION }, refuseSeconds: 0 },
  },
  { startMs: 30 * SECOND_MS },
);

/** Few jobs, and long ones: with the residents, most of what is used. */
function serviceOf(decisionS: number) {
  return loadOf(
    'service',
    {
      arrivals: { type: 'open', gapMs: { type: 'exponential', mean: 60 * SECOND_MS } },
      untilMs: WINDOW.toMs,
      tasksPerJob: { type: 'exponential', mean: 10 },
      taskMs: { type: 'exponential', mean: 600 * SECOND_MS },
      sizes: [{ resources: slots(1) }],
      attemptsMax: ATTEMPTS_MAX,
      manners: {
        answer: { type: 'slow', perJobMs: decisionS * SECOND_MS, perTaskMs: BATCH_DECISION.perTaskMs },
        refuseSeconds: 0,
      },
    },
    { startMs: 30 * SECOND_MS },
  );
}

/** Decision time of the service scheduler × what the master does. */
export const slowSchedulers: readonly VirtualRunScenario[] = Object.entries(REMEDIES).flatMap(
  ([remedy, { label, master, allocation }]) =>
    (remedy === 'none' ? DECISION_S : REMEDIED_S).map((decisionS) =>
      scenarioOf({
        id: `slow-${decisionS}s-${remedy}`,
        label: `a service decision takes ${decisionS} s; the master: ${label}`,
        parameters: { 'service decision (s)': decisionS, 'the master': label },
        window: WINDOW,
        afterMs: AFTER_MS,
        cluster: {
          slaves: SLAVES,
          slaveResources: slots(CPUS_EACH),
          frameworks: [RESIDENTS, BATCH, serviceOf(decisionS)],
          // The build that the paper was measured with offered free resources periodically; Omega's simulator does so each second.
          master: { allocationIntervalMs: SECOND_MS, ...master },
          ...(allocation !== undefined && { allocation }),
        },
        measures: [decisions, jobWaits, (window) => slotUse(window, ['batch', 'service'])],
      }),
    ),
);
