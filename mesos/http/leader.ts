/** Endpoints that only a master that leads can answer. */
import type { Reign } from '../master/reign.ts';
import type { MasterWindow } from '../master/window.ts';
import { processOf } from '../runtime/actor.ts';
import { type Answer, EMPTY, type Endpoint, Refusal, type Request } from './exchange.ts';

/** An endpoint that is given the reign that it is to tell of. */
export type LedEndpoint = (request: Request, reign: Reign) => Answer | Promise<Answer>;

/** Sends those who ask a standby to the leader. */
export function led(window: () => MasterWindow | undefined, endpoint: LedEndpoint): Endpoint {
  return (request) => {
    const master = window();
    if (master?.reign !== undefined) return endpoint(request, master.reign);
    return toLeader(master?.leader, request.target);
  };
}

/** An answer that leads to the same at the leader. Throws a {@link Refusal} if nobody leads. */
export function toLeader(leader: string | undefined, target: string): Answer {
  if (leader === undefined) throw new Refusal(503, 'No leader elected');
  const location = `//${processOf(leader)}${target}`;
  return { status: 307, headers: { ...EMPTY, Location: location } };
}
