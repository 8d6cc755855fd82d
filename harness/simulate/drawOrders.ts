/** Draws what an operator does in a simulation. The stream is another than that of the plan, so that the rest of it stays what it was. */
import type { Millis } from '../../mesos/runtime/actor.ts';
import { type Draw, drawFrom } from './draw.ts';
import type { Order, OrderKind } from './plan.ts';

/** Most orders in one simulation. */
const ORDERS_MAX = 20;
/** The roles of the frameworks that a plan may have. */
const ROLES = ['*', 'a', 'b'] as const;

/** The orders of a seed, none later than `endMs`; in some simulations there is no operator. */
export function drawOrders(seed: number, endMs: Millis): readonly Order[] {
  const draw = drawFrom(`operator ${seed}`);
  if (draw.chance(0.3)) return [];
  return Array.from({ length: draw.integer(1, ORDERS_MAX) }, () => ({
    atMs: draw.integer(0, endMs),
    whom: draw.integer(0, 1e6),
    what: drawKind(draw),
  }));
}

function drawKind(draw: Draw): OrderKind {
  switch (draw.integer(1, 20)) {
    case 1:
      return { kind: 'teardown' };
    case 2:
    case 3:
      return { kind: 'mark-gone' };
    case 4:
    case 5:
      return { kind: 'deactivate' };
    case 6:
    case 7:
    case 8:
    case 9:
      return { kind: 'reactivate' };
    case 10:
    case 11:
    case 12:
    case 13:
      return {
        kind: 'drain',
        maxGraceMs: draw.pick(undefined, draw.spread(1, 5000)),
        markGone: draw.chance(0.4),
      };
    case 14:
      return { kind: 'weigh', role: draw.pick(...ROLES), weight: draw.spread(0.2, 5) };
    case 15:
    case 16:
      return {
        kind: 'limit',
        role: draw.pick(...ROLES),
        limits: draw.pick(
          {},
          { cpus: draw.integer(0, 20) },
          { cpus: draw.integer(1, 40), mem: 1024 * draw.integer(1, 20) },
        ),
        force: draw.chance(0.7),
      };
    case 17:
    case 18:
      return { kind: 'schedule', machines: draw.integer(0, 3) };
    case 19:
      return { kind: 'down' };
    default:
      return { kind: 'up' };
  }
}
