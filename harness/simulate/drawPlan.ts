/** Draws the plan of a simulation from its seed. */

import type { Resources } from '../../mesos/protocol/resources.ts';
import { type Draw, drawFrom } from './draw.ts';
import { drawFaults } from './drawFaults.ts';
import { drawFrameworks, OFFER_TIMEOUT_MS } from './drawFrameworks.ts';
import { drawOrders } from './drawOrders.ts';
import { drawReservations } from './drawReservations.ts';
import { drawSlaves } from './drawSlaves.ts';
import type { AllocationPlan, MastersPlan, Plan } from './plan.ts';

/** What is set aside for short tasks, and how long they may take: longer than any. */
const RESERVE: Resources = { cpus: 0.5, mem: 256 };
const LONGEST_TASK_MS = 300_000;
/** Longest time that a master waits for slaves and schedulers of the one before. */
export const REREGISTER_TIMEOUT_MAX_MS = 600_000;

/** The plan for a seed. */
export function drawPlan(seed: number): Plan {
  const draw = drawFrom(`simulation ${seed}`);
  const latencyMs = draw.pick(0.25, 0.25, 5, 100, 600);
  const jitterMs = draw.pick(0.25, 10, 200);
  // As on a connection, what was under way arrives before its end does.
  const network = {
    latencyMs,
    jitterMs,
    detectMs: latencyMs + jitterMs + draw.pick(1, 1, 50, 2000),
    partitionDetectMs: draw.pick(10_000, 10_000, 3000),
  };
  const masters = drawMasters(draw);
  const slaves = drawSlaves(draw, 'node', Math.round(draw.spread(3, 40)));
  const faultsEndMs = draw.integer(30_000, 300_000);
  const drawn = drawAllocation(draw);
  const { shortTasks } = drawn.options;
  const frameworks = drawFrameworks(draw, seed, slaves, drawn);
  // One that gathers a gang must hold many offers.
  const mayLimit = frameworks.every(({ back, work }) => back.on !== 'mesos' || work.kind === 'hadoop');
  const unansweredMax = draw.pick(undefined, undefined, 0.3);
  const allocation: AllocationPlan =
    mayLimit && shortTasks === undefined && unansweredMax !== undefined
      ? { ...drawn, options: { ...drawn.options, unansweredMax } }
      : drawn;
  const faults = drawFaults(draw, faultsEndMs, network.detectMs, masters.sessionTimeoutMs);
  return {
    network,
    masters,
    allocation,
    duplication: draw.pick(0, 0, 0.02, 0.3),
    slaves,
    frameworks,
    faults,
    faultsEndMs,
    orders: drawOrders(seed, faultsEndMs),
    reservations: drawReservations(seed, faultsEndMs),
  };
}

function drawMasters(draw: Draw): MastersPlan {
  return {
    count: draw.pick(1, 3, 3),
    sessionTimeoutMs: draw.pick(5000, 10_000),
    options: {
      allocationIntervalMs: draw.pick(0, 0, 1000),
      offerTimeoutMs: draw.pick(0, 0, OFFER_TIMEOUT_MS),
      reregisterTimeoutMs: draw.pick(60_000, 120_000, REREGISTER_TIMEOUT_MAX_MS),
      slaveRemovalIntervalMs: draw.pick(0, 0, 2000),
    },
  };
}

function drawAllocation(draw: Draw): AllocationPlan {
  const module = draw.pick('fair', 'fair', 'priority', 'lottery');
  const [some, none] = [draw.chance(0.4), draw.chance(0.6)];
  const guarantees = { a: { cpus: draw.integer(1, 3), mem: 512 * draw.integer(1, 3) } };
  const revocation = { afterMs: draw.spread(100, 20_000), graceMs: draw.pick(0, draw.spread(10, 5000)) };
  const shortTasks = { reserve: RESERVE, maxTaskDurationMs: LONGEST_TASK_MS };
  return {
    module,
    options: {
      ...(some && { weights: { a: draw.spread(0.2, 5) } }),
      ...(module === 'priority' && { priorities: { a: 1, b: -1 } }),
      ...(!none && { guarantees }),
      ...(!none && draw.chance(0.7) && { revocation }),
      ...(draw.chance(0.2) && { shortTasks }),
    },
  };
}
