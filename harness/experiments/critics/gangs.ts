/** Gangs (Omega, EuroSys'13 §3.3): a job that starts whole or not at all hoards what it is offered; several of them block each other. */
import { jobWaits } from '../../measure/jobWaits.ts';
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 20;
const WINDOW = { fromMs: 0, toMs: 3_600 * SECOND_MS };
/** Of 80 slots. Two such jobs do not fit at once. */
const GANG_TASKS = 48;

/** Frameworks with gangs. */
const GANG_COUNTS = [2, 3, 4, 6] as const;
/** How long they hoard before they give back what they have, in seconds; longer than the run is for ever. */
const PATIENCE_S = [5, 15, 30, 120, 100_000] as const;
/** Rescinding ends what patience does not. */
const RESCIND_S = [0, 30] as const;

/** How many gangs × how long they hoard × whether the master rescinds. */
export const gangs: readonly VirtualRunScenario[] = RESCIND_S.flatMap((rescindS) =>
  GANG_COUNTS.flatMap((count) =>
    (rescindS === 0 ? PATIENCE_S : PATIENCE_S.slice(-1)).map((patienceS) =>
      scenarioOf({
        id: `gangs-${count}-patience-${patienceS}s${rescindS === 0 ? '' : `-rescind-${rescindS}s`}`,
        label: `${count} gangs that hoard for ${patienceS} s${rescindS === 0 ? '' : `; offers are rescinded after ${rescindS} s`}`,
        parameters: { gangs: count, 'patience (s)': patienceS, 'rescinded after (s)': rescindS },
        seeds: 1,
        window: WINDOW,
        afterMs: 0,
        cluster: {
          slaves: SLAVES,
          slaveResources: slots(4),
          master: { offerTimeoutMs: rescindS * SECOND_MS },
          frameworks: Array.from({ length: count }, (_, index) =>
            loadOf(
              `gang-${index + 1}`,
              {
                arrivals: {
                  type: 'closed',
                  users: 1,
                  thinkMs: { type: 'exponential', mean: 10 * SECOND_MS },
                },
                tasksPerJob: { type: 'constant', value: GANG_TASKS },
                taskMs: { type: 'exponential', mean: 30 * SECOND_MS },
                sizes: [{ resources: slots(1) }],
                manners: { answer: { type: 'hoard', patienceMs: patienceS * SECOND_MS } },
              },
              // One after the other, as people come.
              { startMs: index * SECOND_MS },
            ),
          ),
        },
        measures: [slotUse, jobWaits],
      }),
    ),
  ),
);
