/** What a master writes about itself into ZooKeeper: names and text of the nodes are those of Apache Mesos. */
import { isIPv4 } from 'node:net';
import * as v from 'valibot';
import { IdSchema, type MasterInfo, TextSchema } from '../../protocol/entities.ts';
import type { Leadership } from '../election.ts';

/** How the names of candidates' nodes begin; ZooKeeper adds ten digits. Other nodes beside them are not ours. */
export const NODE_PREFIX = 'json.info_';

const NodeSchema = v.object({
  id: IdSchema,
  address: v.object({
    hostname: v.pipe(TextSchema, v.regex(/^[^\s/@]+$/)),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  }),
});

const sequenceOf = (name: string): number => Number(name.slice(NODE_PREFIX.length));

/** Is this the first node that was ever made in its path, so that no other candidate was there before? */
export const isFirstName = (name: string): boolean => sequenceOf(name) === 0;

/** The names of candidates' nodes among the names of nodes, in the order in which they stood. */
export function inOrder(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name.startsWith(NODE_PREFIX) && /^-?\d+$/.test(name.slice(NODE_PREFIX.length)))
    .sort((a, b) => sequenceOf(a) - sequenceOf(b));
}

/** Writes a node. `ip` is the address of the host that the master is known by: IPv4 in four parts. */
export function encodeMasterInfo({ id, address, version }: MasterInfo, ip: string): Buffer {
  const { host, port } = splitAddress(address);
  if (!isIPv4(ip))
    throw new Error(`${ip} is no IPv4 address, and a master is found through ZooKeeper by one`);
  // Mesos takes the four bytes in network order for a number of the machine, which is little-endian.
  const packed = Buffer.from(ip.split('.').map(Number)).readUInt32LE();
  const info = {
    address: { hostname: host, ip, port },
    hostname: host,
    id,
    ip: packed,
    pid: `master@${ip}:${port}`,
    port,
    version,
  };
  return Buffer.from(JSON.stringify(info), 'utf8');
}

/** The leadership of the master of a node; unknown if the node is not what a master writes. */
export function decodeLeadership(data: Buffer): Leadership {
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch {
    return { is: 'unknown' };
  }
  const { success, output } = v.safeParse(NodeSchema, value);
  if (!success) return { is: 'unknown' };
  const { id: masterId, address } = output;
  return { is: 'held', master: `master@${address.hostname}:${address.port}`, masterId };
}

/** The parts of `host:port`. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
