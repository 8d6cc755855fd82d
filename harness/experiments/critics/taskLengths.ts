/** Short tasks: how much of the cluster's time is work, if tasks take time to start and free slots time to be offered? */
import { usefulWork } from '../../measure/usefulWork.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import { loadOf, scenarioOf, slots } from './setting.ts';

const SECOND_MS = 1_000;
const WINDOW = { fromMs: 120 * SECOND_MS, toMs: 240 * SECOND_MS };

/** Work of a task, in seconds: those of the study of scheduler latency (arXiv 1705.03102). */
const WORK_S = [1, 5, 30, 60] as const;
/** What starting a task takes beside that, in seconds. */
const START_S = [0, 0.1, 1, 3] as const;
/** For how long the master gathers what is free, in seconds. */
const GATHER_S = [0, 1] as const;

/** Length of a task × time to start one, × how long the master gathers free resources. */
export const taskLengths: readonly VirtualRunScenario[] = GATHER_S.flatMap((gatherS) =>
  (gatherS === 0 ? START_S : START_S.slice(0, 1)).flatMap((startS) =>
    WORK_S.map((workS) => {
      const taskMs = SECOND_MS * (workS + startS);
      return scenarioOf({
        id: `task-${workS}s-start-${startS}s-gather-${gatherS}s`,
        label: `tasks of ${workS} s that take ${startS} s to start; free resources are gathered for ${gatherS} s`,
        parameters: { 'task (s)': workS, 'start (s)': startS, 'gathered (s)': gatherS },
        seeds: 1,
        window: WINDOW,
        afterMs: 2 * taskMs,
        cluster: {
          slaves: 10,
          slaveResources: slots(4),
          frameworks: [
            loadOf('load', {
              arrivals: { type: 'endless' },
              taskMs: { type: 'constant', value: taskMs },
              sizes: [{ resources: slots(1) }],
            }),
          ],
          master: { allocationIntervalMs: gatherS * SECOND_MS },
        },
        measures: [(window) => usefulWork({ cpus: 1, workMs: workS * SECOND_MS }, window)],
      });
    }),
  ),
);
