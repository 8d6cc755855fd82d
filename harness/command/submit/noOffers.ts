/** Why a framework waits for its first task, in one sentence, and what to do. */
import * as v from 'valibot';
import { contains, format, type Resources, timesContained } from '../../../mesos/protocol/resources.ts';
import type { MasterReader } from '../masterReads.ts';

const SlavesSchema = v.object({
  slaves: v.array(
    v.object({
      active: v.boolean(),
      hostname: v.string(),
      resources: v.record(v.string(), v.unknown()),
    }),
  ),
});
const WhySchema = v.object({ summary: v.record(v.string(), v.number()) });

/** What each reason of `/why-no-offers` means to somebody who waits. */
const ADVICE: Readonly<Record<string, string>> = {
  'nothing-free': 'all of it is in use: wait, or add slaves',
  'another-framework':
    'other frameworks have it or were offered it: wait, add slaves, or give this one a role of more weight',
  suppressed: 'the framework wants none at the moment',
  refused:
    'the framework has refused it, since no task fits into it: wait for more to be free, or ask for less with --cpus and --mem',
  filtered: 'the framework has set a filter that it does not meet',
  'unanswered-offers': 'the framework has too much in offers that it has not answered',
  quota: 'the role has all that its quota allows: raise the quota, or take another --role',
  reserved: 'it is reserved for another role: give --role',
  'below-minimum': 'less is free than the smallest offer that the master makes',
  offered: 'it has just been offered',
  'slave-inactive': 'its slaves are not active',
  'being-allocated': 'it is about to be offered',
};

/** Tasks that only run together, each in a slot of its own. */
export interface GangSize {
  readonly ranks: number;
  /** Most of them on one slave; undefined: as many as there is room for. */
  readonly perSlave: number | undefined;
}

/** What a framework waits for. */
export interface Wanted {
  /** What one task needs, if all need the same. */
  readonly slot?: Resources;
  readonly gang?: GangSize;
}

/** What who asks for too large a slot can do about it, if it is their own. */
const SMALLER = 'ask for less with --cpus and --mem';

/** Asks the master. Resolves to a sentence, without a full stop. */
export async function whyWaiting(reader: MasterReader, frameworkId: string, wanted: Wanted): Promise<string> {
  const { slaves } = await reader.get(SlavesSchema, '/slaves');
  const why = misfit(slaves, wanted, SMALLER);
  if (why !== undefined) return why;
  const path = `/why-no-offers?framework_id=${encodeURIComponent(frameworkId)}`;
  const { summary } = await reader.get(WhySchema, path);
  const reasons = Object.entries(summary).map(
    ([reason, count]) => `${ADVICE[reason] ?? reason} (${count} of ${slaves.length} slaves)`,
  );
  return reasons.length === 0 ? 'the master gives no reason' : reasons.join('; ');
}

/**
 * Why all slaves together have no room for this, so that it waits for as long as there are no others; `smaller`: what there is to
 * do about too large a slot. Resolves to a sentence, without a full stop; to undefined if there is room.
 */
export async function whyNever(
  reader: MasterReader,
  wanted: Wanted,
  smaller: string,
): Promise<string | undefined> {
  const { slaves } = await reader.get(SlavesSchema, '/slaves');
  return misfit(slaves, wanted, smaller);
}

function misfit(
  slaves: v.InferOutput<typeof SlavesSchema>['slaves'],
  { slot, gang }: Wanted,
  smaller: string,
): string | undefined {
  const active = slaves.filter((slave) => slave.active);
  if (active.length === 0)
    return `the master has no slaves${slaves.length > 0 ? ' that are active' : ''}: start one with 'lab slave --master HOST:PORT'`;
  if (slot !== undefined && !active.some(({ resources }) => contains(scalars(resources), slot))) {
    const largest = active
      .map(({ resources }) => scalars(resources))
      .reduce((a, b) => (amount(b) > amount(a) ? b : a));
    return `a task needs ${format(slot)} and no slave is so large, the largest has ${format(largest)}: ${smaller}`;
  }
  if (slot !== undefined && gang !== undefined) {
    const { ranks, perSlave = ranks } = gang;
    const rooms = active.map(({ resources }) => Math.min(perSlave, timesContained(scalars(resources), slot)));
    const room = rooms.reduce((a, b) => a + b, 0);
    if (room < ranks)
      return `its ${ranks} ranks run at the same time, each with ${format(slot)}, and the slaves have room for ${room}${perSlave < ranks ? `, at most ${perSlave} on each` : ''}: ask for fewer with -n, ${smaller}, or add slaves`;
  }
  return undefined;
}

function scalars({ cpus, mem, disk }: Readonly<Record<string, unknown>>): Resources {
  const given = Object.entries({ cpus, mem, disk }).filter(
    ([, value]) => typeof value === 'number' && value > 0,
  );
  return Object.fromEntries(given) as Resources;
}

const amount = ({ cpus = 0, mem = 0 }: Resources): number => cpus + mem / 1024;
