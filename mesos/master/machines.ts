/** Machines, as operators name them: by hostname, by IP address, or by both. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../protocol/entities.ts';

export const MachineSchema = v.pipe(
  v.object({
    hostname: v.exactOptional(v.pipe(TextSchema, v.minLength(1), v.toLowerCase())),
    ip: v.exactOptional(
      v.pipe(
        TextSchema,
        v.check((ip) => isIP(ip) !== 0, 'an IP address is expected'),
      ),
    ),
  }),
  v.check(
    ({ hostname, ip }) => hostname !== undefined || ip !== undefined,
    'a machine needs a hostname or an ip',
  ),
);
/** A machine, with one slave or more. What is absent may be anything. */
export type Machine = Immutable<v.InferOutput<typeof MachineSchema>>;

/** What a slave says of its machine. */
export interface Place {
  readonly hostname: string;
  /** Of its process, `NAME@HOST:PORT`. */
  readonly address: string;
}

/** For people. */
export function shownMachine({ hostname, ip }: Machine): string {
  if (hostname === undefined) return ip ?? '';
  return ip === undefined ? hostname : `${hostname} (${ip})`;
}

/** The same for the same names. */
export const machineKey = ({ hostname = '', ip = '' }: Machine): string => `${hostname} ${ip}`;

/** What is said of machines, to be found by the place of a slave. */
export interface MachineMap<T> {
  /** What is said of the machine there. */
  at(place: Place): T | undefined;
}

/** Makes a map of machines. Of two names that fit a place, the first counts. */
export function machineMap<T>(entries: Iterable<readonly [Machine, T]>): MachineMap<T> {
  const byHostname = new Map<string, (readonly [Machine, T])[]>();
  const byIp = new Map<string, T>();
  for (const entry of entries) {
    const [{ hostname, ip = '' }, what] = entry;
    if (hostname === undefined) {
      if (!byIp.has(ip)) byIp.set(ip, what);
    } else byHostname.set(hostname, [...(byHostname.get(hostname) ?? []), entry]);
  }
  const isEmpty = byHostname.size + byIp.size === 0;
  return {
    at({ hostname, address }) {
      if (isEmpty) return undefined;
      const ip = hostOf(address);
      const named = byHostname
        .get(hostname.toLowerCase())
        ?.find(([machine]) => machine.ip === undefined || machine.ip === ip);
      return named !== undefined ? named[1] : byIp.get(ip);
    },
  };
}

function hostOf(address: string): string {
  const host = address.slice(address.indexOf('@') + 1, address.lastIndexOf(':'));
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
