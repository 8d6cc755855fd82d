/** Packet loss: the machine drops a part of what comes from the others. */
import type { Machine } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS, type Shortfall } from './effect.ts';
import { faultName, holding } from './hold.ts';
import { addressShared, alreadyBroken, cannotRun } from './network.ts';
import { tableOf } from './partition.ts';
import { notReached, roundTrips } from './reach.ts';

/** Parts are counted in millionths. */
const WHOLE = 1_000_000;
/** Knocks at another machine, for their answers to be lost. */
const KNOCKS = 200;
const KNOCK_LIMIT_MS = 20;

/** The machine loses a part, above 0 and up to 1, of what the others send it; one of them is asked to see that. */
export function loss(machine: Machine, other: Machine, others: readonly Machine[], part: number): Effect {
  const name = faultName();
  const rules = tableOf(
    name,
    others,
    `numgen random mod ${WHOLE} < ${Math.max(1, Math.round(part * WHOLE))} counter drop`,
  );
  const held = holding(name, [
    { machine, inject: `nft '${rules}'`, heal: [`nft delete table inet ${name}`] },
  ]);
  return {
    async lacking() {
      if (!(part > 0 && part <= 1))
        return `a part of ${part} of the packets cannot be lost: it must be above 0 and at most 1`;
      return (
        addressShared([machine, ...others]) ??
        (await cannotRun(machine, 'drop packets', `nft '${rules}'`)) ??
        (await alreadyBroken(machine, other))
      );
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      await roundTrips(machine, Array<Machine>(KNOCKS).fill(other), { limitMs: KNOCK_LIMIT_MS });
      const dropped = droppedBy(await machine.run('nft', '-j', 'list', 'table', 'inet', name));
      return dropped > 0 ? undefined : `${machine.name} has not lost a packet`;
    },
    async remaining(): Promise<Shortfall> {
      if ((await machine.run('nft', 'list', 'tables')).includes(name))
        return `${machine.name} still loses packets`;
      return notReached([{ from: machine, to: [other] }]);
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

/** Packets that the rules of a table have dropped, as `nft -j` tells. */
function droppedBy(json: string): number {
  let packets = 0;
  JSON.parse(json, (key, value) => {
    if (key === 'counter') packets += value.packets;
    return value;
  });
  return packets;
}
