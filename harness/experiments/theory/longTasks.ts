/** Nodes that are full of long tasks (NSDI'11 §4.4). */
import { fullNodes } from '../../measure/fullNodes.ts';
import type { Scenario } from '../experiment.ts';
import { ENDLESS, exponential, load, theoryScenario } from './trial.ts';

const SHORT_MS = 100_000;
/** How much longer long tasks are. */
const LONGER = 2;
const LONG_MS = LONGER * SHORT_MS;
/** Until chance has forgotten how the cluster was filled at first, and the span that is measured. */
const SPAN = { fromMs: 4 * LONG_MS, toMs: 11 * LONG_MS };
const SIZES = [{ resources: { cpus: 1 } }];

/** Slots of a node, and the part of long tasks; more nodes where full ones are rare. */
export function longTaskScenarios(): readonly Scenario[] {
  return [0.3, 0.5, 0.7, 0.9].flatMap((long) =>
    [1, 2, 4, 8].filter((slots) => long ** slots > 1e-3).map((slots) => scenario(long, slots)),
  );
}

/** The id of a scenario. */
function longTasksId(long: number, slots: number): string {
  return `long-tasks-${long}-of-${slots}-slots`;
}

function scenario(long: number, slots: number): Scenario {
  const full = long ** slots;
  const isRare = full < 0.005;
  const slaves = isRare ? 64 : full < 0.01 ? 40 : Math.max(16, 64 / slots);
  // Names make the streams of chance: each scenario has its own.
  const [longName, shortName] = [`long-${100 * long}-of-${slots}`, `short-${100 * long}-of-${slots}`];
  return theoryScenario({
    id: longTasksId(long, slots),
    label: `${slots} slots on a node, ${100 * long}% long tasks`,
    // Where full nodes are rare, more of them are needed.
    seeds: isRare ? 9 : 5,
    parameters: { 'slots of a node': slots, 'long tasks (%)': 100 * long, 'long over short': LONGER },
    cluster: {
      slaves,
      slaveResources: { cpus: slots },
      // A slot that becomes free goes to long tasks so often that they hold this part of all slots, as they hold them for longer.
      allocation: { module: 'lottery', options: { weights: { long, short: (1 - long) * LONGER } } },
      frameworks: [
        load(longName, { arrivals: ENDLESS, taskMs: exponential(LONG_MS), sizes: SIZES }, { role: 'long' }),
        load(
          shortName,
          { arrivals: ENDLESS, taskMs: exponential(SHORT_MS), sizes: SIZES },
          { role: 'short' },
        ),
      ],
      untilMs: SPAN.toMs,
    },
    measures: [fullNodes({ framework: longName, slots, slaves, span: SPAN, longFraction: long })],
  });
}
