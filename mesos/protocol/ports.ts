/**
 * Ports, the one resource that is not a quantity: which of them matters. Everywhere else their number stands for them, as the
 * resource `ports`; beside it are the ports themselves, as ranges.
 */
import * as v from 'valibot';
import { PORTS, parse, type Resources } from './resources.ts';

export { PORTS } from './resources.ts';

/** Ports from the first to the last of each pair, in order, without overlap. */
export type PortRanges = readonly (readonly [first: number, last: number])[];

/** No ports. */
export const NO_PORTS: PortRanges = [];

const PortSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
/** Most ranges in a message. */
const RANGES_MAX = 4096;

/** What a peer may send as ports. */
export const PortRangesSchema = v.pipe(
  v.array(v.tuple([PortSchema, PortSchema])),
  v.maxLength(RANGES_MAX),
  v.check((ranges) => isInOrder(ranges), 'ranges of ports must be in order and apart'),
);

function isInOrder(ranges: PortRanges): boolean {
  return ranges.every(([first, last], i) => first <= last && (i === 0 || first > (ranges[i - 1]?.[1] ?? 0)));
}

/** How many they are. */
export function countPorts(ranges: PortRanges): number {
  let count = 0;
  for (const [first, last] of ranges) count += last - first + 1;
  return count;
}

/** Those in either; ranges may come in any order, and overlap. */
export function joinPorts(...parts: readonly PortRanges[]): PortRanges {
  const all = parts.flat().sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of all) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** Those of `ranges` that are not in `without`. */
export function withoutPorts(ranges: PortRanges, without: PortRanges): PortRanges {
  let left = ranges;
  for (const [first, last] of without)
    left = left.flatMap(([a, b]) => {
      const pieces: [number, number][] = [];
      if (a < first) pieces.push([a, Math.min(b, first - 1)]);
      if (b > last) pieces.push([Math.max(a, last + 1), b]);
      return pieces;
    });
  return left;
}

/** Are all of `part` in `ranges`? */
export function containsPorts(ranges: PortRanges, part: PortRanges): boolean {
  return withoutPorts(part, ranges).length === 0;
}

/** The lowest `count` of them, or all that there are. */
export function lowestPorts(ranges: PortRanges, count: number): PortRanges {
  const taken: [number, number][] = [];
  let left = count;
  for (const [first, last] of ranges) {
    if (left <= 0) break;
    const end = Math.min(last, first + left - 1);
    taken.push([first, end]);
    left -= end - first + 1;
  }
  return taken;
}

/** Text in Mesos's own form: `[31000-32000, 33000-33000]`. */
export function formatPorts(ranges: PortRanges): string {
  return `[${ranges.map(([first, last]) => `${first}-${last}`).join(', ')}]`;
}

/** Reads Mesos's own form. Throws with one sentence. */
export function parsePorts(text: string): PortRanges {
  const [, inner] = /^\[([\d\s,-]+)\]$/.exec(text.trim()) ?? [];
  const ranges = (inner ?? '').split(',').map((part) => {
    const [, first, last = first] = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part) ?? [];
    return [Number(first), Number(last)] as const;
  });
  if (!ranges.every(([first, last]) => first <= last && last <= 65_535))
    throw new SyntaxError(`'${text}' are no ports; write e.g. [31000-32000, 33000-33010]`);
  return joinPorts(ranges);
}

/** Reads what a slave has, its ports among it: `cpus:4;ports:[31000-32000]`. Throws with one sentence. */
export function parseWithPorts(text: string): { readonly resources: Resources; readonly ports: PortRanges } {
  const [whole, list] = /(?:^|;)\s*ports:([^;]*)/.exec(text) ?? [];
  if (whole === undefined || list === undefined) return { resources: parse(text), ports: NO_PORTS };
  const ports = parsePorts(list);
  const rest = text.replace(whole, '');
  const resources = rest.trim() === '' ? {} : parse(rest);
  return { resources: { ...resources, [PORTS]: countPorts(ports) }, ports };
}
