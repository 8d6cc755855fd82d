/**
 * Places that this process does not reach by their address, but by another one that leads there, e.g. a port of its own. As the routes
 * of a machine do, they hold for all that is dialled from now on; names, keys and certificates remain those of the place.
 */
import type { Agent } from 'node:http';

/** Where to connect. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const detours = new Map<string, Endpoint>();

/** Whoever dials the place dials the other one from now on. */
export function detour(place: Endpoint, by: Endpoint): void {
  detours.set(keyOf(place), by);
}

/** Where to connect to reach a place. */
export function wayTo(place: Endpoint): Endpoint {
  return detours.get(keyOf(place)) ?? place;
}

/** Has an agent of HTTP take detours. */
export function takingDetours<A extends Agent>(agent: A): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const { host, port } = options;
    if (typeof host !== 'string') return connect(options, callback);
    return connect({ ...options, ...wayTo({ host, port: Number(port) }) }, callback);
  };
  return agent;
}

const keyOf = ({ host, port }: Endpoint): string => `${host}:${port}`;
