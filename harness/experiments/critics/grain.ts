/** Coarse and fine grain: Spark with a Mesos task for each of its tasks, or one long one on each slave, beside short jobs. */
import type { IterativeJob } from '../../../workloads/iterative.ts';
import { jobWaits } from '../../measure/jobWaits.ts';
import { slotUse } from '../../measure/slotUse.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const SLAVES = 20;
const WINDOW = { fromMs: 0, toMs: 600 * SECOND_MS };

/** Time between two steps of a Spark job in which it needs no slots, in seconds. */
const PAUSE_S = [1, 30] as const;

/** Grain × pauses between steps. */
export const grain: readonly VirtualRunScenario[] = (['fine', 'coarse'] as const).flatMap((mode) =>
  PAUSE_S.map((pauseS) =>
    scenarioOf({
      id: `${mode}-pause-${pauseS}s`,
      label: `${mode}-grained Spark that pauses for ${pauseS} s between steps`,
      parameters: { grain: mode, 'pause (s)': pauseS },
      seeds: 5,
      window: WINDOW,
      afterMs: 600 * SECOND_MS,
      cluster: {
        slaves: SLAVES,
        slaveResources: { cpus: 4, mem: 8 * 1024 },
        frameworks: [
          {
            kind: 'spark',
            name: 'spark',
            partition: 0,
            slot: slots(1),
            mode,
            localityWaitMs: 1_000,
            remoteSlowdown: 1,
            executorResources: { mem: 512 },
            cacheBytes: 2 ** 40,
            jobs: () => [regression(pauseS)],
          },
          loadOf('short-jobs', {
            arrivals: { type: 'open', gapMs: { type: 'exponential', mean: 6 * SECOND_MS } },
            untilMs: WINDOW.toMs,
            tasksPerJob: { type: 'constant', value: 20 },
            taskMs: { type: 'exponential', mean: 5 * SECOND_MS },
            sizes: [{ resources: slots(1) }],
          }),
        ],
      },
      measures: [(window) => slotUse(window, ['spark', 'short-jobs']), jobWaits],
    }),
  ),
);

/** A job that could use the whole cluster in each step. */
function regression(pauseS: number): IterativeJob {
  return {
    id: 'regression',
    kind: 'regression',
    submission: { when: 'at', ms: 30 * SECOND_MS },
    partitions: 160,
    iterations: 12,
    model: {
      loadMs: 20 * SECOND_MS,
      bytes: 128 * 2 ** 20,
      stepMs: [3 * SECOND_MS],
      driverMs: pauseS * SECOND_MS,
      cv: 0.1,
    },
  };
}
