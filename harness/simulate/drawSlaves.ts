/** Draws the slaves of a simulation. */
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Draw } from './draw.ts';
import type { SlavePlan } from './plan.ts';

/** What remains on a slave that the largest executor beside the largest slot fits into. */
const SLAVE_MIN: Resources = { cpus: 3, mem: 2048 };

/** So many slaves, called NAME1 and so on. The first of them stays. */
export function drawSlaves(draw: Draw, name: string, count: number): readonly SlavePlan[] {
  return Array.from({ length: count }, (_, n) => ({
    hostname: `${name}${n + 1}`,
    resources: {
      cpus: draw.integer(SLAVE_MIN.cpus as number, 8),
      mem: 512 * draw.integer((SLAVE_MIN.mem as number) / 512, 16),
    },
    mortal: n > 0 && draw.chance(0.3),
    checkpoint: draw.chance(0.5),
    executors: {
      startMs: draw.pick(0, 0, draw.integer(1, 3000)),
      hanging: draw.pick(0, 0, 0, 0.05),
      lingering: draw.chance(0.15),
    },
  }));
}
