/**
 * Rate limit and delay: what the machine sends, or receives, takes a detour through a device that makes it wait. The queues of
 * the machine's own interface are not touched.
 */
import { dirname, join } from 'node:path';
import type { Machine } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS, type Shortfall } from './effect.ts';
import { faultName, holding } from './hold.ts';
import { addressShared, alreadyBroken, cannotRun, findInterface } from './network.ts';
import { notReached, roundTrips } from './reach.ts';

/** Place of our filters among those of the interface. */
const PREFERENCE = 77;
/** Longest that a packet waits in a queue before it is dropped. */
const QUEUE_MS = 400;
/** The most that is sent at once: a hundredth of a second's worth, but some full frames. */
const BURST_BYTES_MIN = 32 * 1024;
/** Packets that may be on their delayed way. */
const DELAYED_PACKETS_MAX = 100_000;
/** Knocks whose quickest answer tells the delay. */
const KNOCKS = 10;

const NETEM = 'netem delay 1ms';

/** The machine sends, and receives, so much and no more. */
export function rate(machine: Machine, other: Machine, bitsPerSecond: number): Effect {
  const name = faultName();
  const burst = Math.max(BURST_BYTES_MIN, Math.round(bitsPerSecond / 8 / 100));
  const queue = `tbf rate ${Math.round(bitsPerSecond)}bit burst ${burst} latency ${QUEUE_MS}ms`;
  const devices = [`${name}e`, `${name}i`] as const;
  const held = holding(name, [
    {
      machine,
      inject: [
        ...detour(other.ip),
        ...devices.flatMap((device) => waitingDevice(device, queue)),
        divert('egress', devices[0]),
        divert('ingress', devices[1]),
      ].join('\n'),
      heal: [...straight(), ...devices.map((device) => `ip link delete ${device}`)],
    },
  ]);
  return {
    async lacking() {
      if (!(bitsPerSecond >= 8000))
        return `a rate of ${bitsPerSecond} bit/s is no rate: it must be 8000 or more`;
      return (
        addressShared([machine, other]) ??
        (await cannotRun(machine, 'limit its rate', detourTrial(`tc qdisc add dev trial root ${queue}`))) ??
        (await alreadyBroken(machine, other))
      );
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      const limits = await limitsOf(machine);
      const open = devices.find((device) => limits.get(device) === undefined);
      return open === undefined ? undefined : `${machine.name} has no limit on ${open}`;
    },
    remaining: () => gone(machine, other, devices),
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

/** What the machine sends arrives so much later. */
export function delay(machine: Machine, other: Machine, delayMs: number): Effect {
  const name = faultName();
  const device = `${name}d`;
  const program = join(dirname(machine.lab), '..', 'infra', 'faults', 'delayFrames.py');
  const held = holding(name, [
    {
      machine,
      inject: [
        ...detour(other.ip),
        `if ${trialInside(`tc qdisc add dev lo root ${NETEM}`)}; then`,
        ...waitingDevice(device, `netem delay ${delayMs}ms limit ${DELAYED_PACKETS_MAX}`),
        'else',
        `python3 '${program}' ${device} $dev ${delayMs} ${DELAYED_PACKETS_MAX} & forwarder=$!`,
        `until ip link show up dev ${device} 2>/dev/null | grep -q .; do kill -0 $forwarder; sleep 0.02; done`,
        'fi',
        divert('egress', device),
      ].join('\n'),
      heal: [
        ...straight(),
        `if [ -n "$forwarder" ]; then kill $forwarder; else ip link delete ${device}; fi`,
      ],
    },
  ]);
  return {
    async lacking() {
      if (!(delayMs >= 1))
        return `a delay of ${delayMs} ms cannot be told from none: it must be 1 ms or more`;
      return (
        addressShared([machine, other]) ??
        (await cannotRun(machine, 'divert packets', detourTrial(':'))) ??
        (await cannotWait(machine)) ??
        (await alreadyBroken(machine, other))
      );
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      const ms = await quickest(machine, other, delayMs);
      return ms >= delayMs ? undefined : `${other.name} answers ${machine.name} in ${ms.toFixed(1)} ms`;
    },
    async remaining() {
      const ms = await quickest(machine, other, delayMs);
      return ms < delayMs ? undefined : `${other.name} answers ${machine.name} in ${ms.toFixed(1)} ms only`;
    },
    visibleWithinMs: SEEN_WITHIN_MS + KNOCKS * delayMs,
    recoveredWithinMs: SEEN_WITHIN_MS + KNOCKS * delayMs,
  };
}

/** Prepares the interface. It may have filters of somebody else, but not another detour, for a packet takes one at most. */
function detour(ip: string): readonly string[] {
  return [
    'ours=no own=no forwarder=',
    findInterface(ip),
    `if tc filter show dev $dev egress 2>/dev/null | grep -q 'pref ${PREFERENCE} '; then`,
    '  echo "its packets are limited or delayed already, and a machine takes one such fault at a time" >&2; exit 1',
    'fi',
    'ours=yes',
    'tc qdisc show dev $dev | grep -q clsact || { tc qdisc add dev $dev clsact; own=yes; }',
  ];
}

function straight(): readonly string[] {
  return [
    `[ "$ours" = no ] || tc filter del dev $dev egress pref ${PREFERENCE}`,
    `[ "$ours" = no ] || tc filter del dev $dev ingress pref ${PREFERENCE} 2>/dev/null || true`,
    '[ "$own" = no ] || tc qdisc del dev $dev clsact',
  ];
}

function waitingDevice(device: string, queue: string): readonly string[] {
  return [
    `ip link add ${device} type ifb`,
    `ip link set ${device} up`,
    `tc qdisc add dev ${device} root ${queue}`,
  ];
}

function divert(direction: 'egress' | 'ingress', device: string): string {
  return `tc filter add dev $dev ${direction} protocol all pref ${PREFERENCE} u32 match u32 0 0 action mirred egress redirect dev ${device}`;
}

/** All that a detour takes, in a namespace of its own. */
function detourTrial(then: string): string {
  return [
    'ip link add trial type ifb',
    'tc qdisc add dev lo clsact',
    'dev=lo',
    divert('egress', 'trial'),
    then,
  ].join('\n');
}

function trialInside(command: string): string {
  return `unshare --net ${command} 2>/dev/null`;
}

/** Why a machine cannot make packets wait: the kernel can, or else a program can. */
async function cannotWait(machine: Machine): Promise<string | undefined> {
  const script = `${trialInside(`tc qdisc add dev lo root ${NETEM}`)} || { command -v python3 >/dev/null && [ -c /dev/net/tun ]; }`;
  return machine.run('sh', '-c', script).then(
    () => undefined,
    () =>
      `${machine.name} cannot delay packets: its kernel lacks netem, and python3 with /dev/net/tun, which could do it instead, is not there: install Debian's python3-minimal`,
  );
}

/** Rates by device, in bytes a second. */
async function limitsOf(machine: Machine): Promise<ReadonlyMap<string, number>> {
  const queues = JSON.parse(await machine.run('tc', '-j', 'qdisc', 'show')) as readonly {
    readonly kind: string;
    readonly dev: string;
    readonly options?: { readonly rate?: number };
  }[];
  return new Map(
    queues.flatMap(({ kind, dev, options }) => (kind === 'tbf' ? [[dev, options?.rate ?? 0] as const] : [])),
  );
}

async function gone(machine: Machine, other: Machine, devices: readonly string[]): Promise<Shortfall> {
  const links = await machine.run('ip', '-o', 'link', 'show');
  const left = devices.find((device) => links.includes(device));
  if (left !== undefined) return `${machine.name} still has ${left}`;
  return notReached([{ from: machine, to: [other] }]);
}

async function quickest(machine: Machine, other: Machine, delayMs: number): Promise<number> {
  const trips = await roundTrips(machine, [other], { times: KNOCKS, limitMs: 1_000 + 4 * delayMs });
  return trips.get(other) ?? Number.POSITIVE_INFINITY;
}
