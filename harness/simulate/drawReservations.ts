/** Draws what is reserved in a simulation. The stream is one of its own, so that the rest of the plan stays what it was. */
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { type Draw, drawFrom } from './draw.ts';
import type { ReservationsPlan } from './plan.ts';

/** Most reservations of an operator in one simulation, and what he takes back. */
const ORDERS_MAX = 12;
/** Those of frameworks, and one that no framework has. */
const ROLES = ['a', 'b', 'nobody'] as const;

/** The reservations of a seed; in some simulations there are none, and none by the operator later than `endMs`. */
export function drawReservations(seed: number, endMs: Millis): ReservationsPlan {
  const draw = drawFrom(`reservations ${seed}`);
  return {
    probability: draw.pick(0, 0, 0.1, 0.5, 1),
    orders: Array.from({ length: draw.pick(0, draw.integer(1, ORDERS_MAX)) }, () => ({
      atMs: draw.integer(0, endMs),
      whom: draw.integer(0, 1e6),
      what: draw.chance(0.7)
        ? { kind: 'reserve' as const, resources: drawResources(draw) }
        : { kind: 'unreserve' as const },
    })),
  };
}

function drawResources(draw: Draw): Resources {
  const role = draw.pick(...ROLES);
  const cpus = { [`cpus(${role})`]: draw.pick(0.5, 1, 2, 4) };
  return draw.chance(0.5) ? cpus : { ...cpus, [`mem(${role})`]: 256 * draw.integer(1, 8) };
}
