/**
 * Who has the least share is offered everything first, whether it wants anything or not: how far does what is free come down the line?
 * (A warning of Mesos's developers and users; Tromino measured it.)
 */
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import type { VirtualFramework } from '../virtualScenario.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 20;
const WINDOW = { fromMs: 60 * SECOND_MS, toMs: 300 * SECOND_MS };
const DAY_MS = 86_400_000;

/** It could use the whole cluster at any time, in tasks of 10 s. */
const HUNGRY = loadOf('hungry', {
  arrivals: { type: 'endless' },
  taskMs: { type: 'exponential', mean: 10 * SECOND_MS },
  sizes: [{ resources: slots(1) }],
});

/** How long what is refused is not offered again, in seconds. */
const REFUSE_S = [1, 5, 15, 60] as const;
/** How many idle frameworks there are. */
const IDLE_COUNTS = [2, 4, 8, 16, 32] as const;

/** Time for which they refuse × how many there are; the master gathers what is free for a second, as Apache Mesos does. */
export const refusals: readonly VirtualRunScenario[] = REFUSE_S.flatMap((refuseS) =>
  IDLE_COUNTS.map((idle) =>
    scenarioOf({
      id: `refuse-${refuseS}s-${idle}`,
      label: `${idle} idle frameworks refuse for ${refuseS} s`,
      parameters: { 'refused for (s)': refuseS, 'idle frameworks': idle },
      seeds: 1,
      window: WINDOW,
      afterMs: 0,
      cluster: {
        slaves: SLAVES,
        slaveResources: slots(4),
        frameworks: [HUNGRY, ...idleOnes(idle, { refuseSeconds: refuseS, suppress: false })],
        master: { allocationIntervalMs: SECOND_MS },
      },
      measures: [(window) => slotUse(window, ['hungry'])],
    }),
  ),
);

/** What idle frameworks do about offers. */
const MANNERS = {
  suppress: { label: 'say that they need none', holdS: 0 },
  'at-once': { label: 'decline at once', holdS: 0 },
  '0.1s': { label: 'decline after 0.1 s', holdS: 0.1 },
  '1s': { label: 'decline after 1 s', holdS: 1 },
} as const;

/** How many there are × what they do; the master offers at once, and they refuse for 5 s. */
export const idleManners: readonly VirtualRunScenario[] = Object.entries(MANNERS).flatMap(
  ([manner, { label, holdS }]) =>
    IDLE_COUNTS.map((idle) =>
      scenarioOf({
        id: `idle-${manner}-${idle}`,
        label: `${idle} idle frameworks ${label}`,
        parameters: { 'idle frameworks': idle, 'what they do': label },
        seeds: 1,
        window: WINDOW,
        afterMs: 0,
        cluster: {
          slaves: SLAVES,
          slaveResources: slots(4),
          frameworks: [
            HUNGRY,
            ...(holdS === 0
              ? idleOnes(idle, { suppress: manner === 'suppress' })
              : waitingOnes(idle, holdS * SECOND_MS)),
          ],
        },
        measures: [(window) => slotUse(window, ['hungry'])],
      }),
    ),
);

/** They have nothing to run. */
function idleOnes(
  n: number,
  manners: { readonly refuseSeconds?: number; readonly suppress: boolean },
): readonly VirtualFramework[] {
  return Array.from({ length: n }, (_, index) =>
    loadOf(`idle-${index + 1}`, {
      arrivals: { type: 'open', gapMs: { type: 'constant', value: DAY_MS } },
      taskMs: { type: 'constant', value: SECOND_MS },
      sizes: [{ resources: slots(1) }],
      manners,
    }),
  );
}

/** They wait for a slave that is larger than there is one, and take their time to see that none is offered. */
function waitingOnes(n: number, holdMs: number): readonly VirtualFramework[] {
  return Array.from({ length: n }, (_, index) =>
    loadOf(`idle-${index + 1}`, {
      arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
      taskMs: { type: 'constant', value: SECOND_MS },
      sizes: [{ resources: slots(64) }],
      manners: { answer: { type: 'late', holdMs: { type: 'constant', value: holdMs } } },
    }),
  );
}
