/** `/offers`: the offers that wait for an answer, and since when. Not of Apache Mesos, where nobody is told how long. */
import type { MasterWindow } from '../master/window.ts';
import { requireGet } from './calls.ts';
import { type Endpoint, jsonFor } from './exchange.ts';
import { led } from './leader.ts';

/** The endpoint. Times are in seconds. */
export function offersList(window: () => MasterWindow | undefined): Endpoint {
  return led(window, (request, { books }) => {
    requireGet(request);
    const offers = [...books.frameworks.values()].flatMap((framework) =>
      Array.from(framework.offers.values(), ({ id, slave, resources, madeMs }) => ({
        id,
        framework_id: framework.id,
        slave_id: slave.id,
        made_time: madeMs / 1000,
        resources,
      })),
    );
    return jsonFor(request, { offers });
  });
}
