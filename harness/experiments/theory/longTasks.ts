/** Nodes that are full of long tasks (NSDI'11 §4.4). */
import { fullNodes } from '../../measure/fullNodes.ts';
import type { Scenario } from '../experiment.ts';
import { ENDLESS, exponential, load, theoryScenario } from './trial.ts';

const SHORT_MS = 100_000;
/** How much longer long tasks are. */
const LONGER = 3;
const LONG_MS = LONGER * SHORT_MS;
/** Until chance has forgotten how the cluster was filled at first, and the span that is measured. */
const SPAN = { fromMs: 4 * LONG_MS, toMs: 12 * LONG_MS };
const SIZES = [{ resources: { cpus: 1 } }];

/** Slots of a node, and the part of long tasks; and 24 slots or more in all, more where full nodes are rare. */
export function longTaskScenarios(): readonly Scenario[] {
  return [0.3, 0.5, 0.7, 0.9].flatMap((long) =>
    [1, 2, 4, 8].filter((slots) => long ** slots > 1e-3).map((slots) => scenario(long, slots)),
  );
}

/** The id of a scenario. */
export function longTasksId(long: number, slots: number): string {
  return `long-tasks-${long}-of-${slots}-slots`;
}

function scenario(long: number, slots: number): Scenario {
  const slaves = long ** slots < 0.01 ? 40 : Math.max(12, 64 / slots);
  return theoryScenario({
    id: longTasksId(long, slots),
    label: `${slots} slots on a node, ${100 * long} % long tasks`,
    seeds: 5,
    parameters: { 'slots of a node': slots, 'long tasks (%)': 100 * long, 'long over short': LONGER },
    cluster: {
      slaves,
      slaveResources: { cpus: slots },
      // A slot that becomes free goes to long tasks so often that they hold this part of all slots, as they hold them for longer.
      allocation: { module: 'lottery', options: { weights: { long, short: (1 - long) * LONGER } } },
      frameworks: [
        load('long', { arrivals: ENDLESS, taskMs: exponential(LONG_MS), sizes: SIZES }, { role: 'long' }),
        load('short', { arrivals: ENDLESS, taskMs: exponential(SHORT_MS), sizes: SIZES }, { role: 'short' }),
      ],
      untilMs: SPAN.toMs,
    },
    measures: [fullNodes({ framework: 'long', slots, slaves, span: SPAN, longFraction: long })],
  });
}
