/** Cut-off and partition: each machine drops what comes from the machines of the other groups, silently. */
import { isIPv6 } from 'node:net';
import type { Machine } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS } from './effect.ts';
import { faultName, holding } from './hold.ts';
import { addressShared, alreadyBroken, cannotRun } from './network.ts';
import { notReached, stillReached, type Way } from './reach.ts';

/** Machines of different groups do not hear each other. Machines in no group are left alone. */
export function partition(groups: readonly (readonly Machine[])[]): Effect {
  const all = groups.flat();
  const othersOf = (group: readonly Machine[]): readonly Machine[] =>
    groups.filter((each) => each !== group).flat();
  const name = faultName();
  const held = holding(
    name,
    groups.flatMap((group) =>
      group.map((machine) => ({
        machine,
        inject: `nft '${dropFrom(name, othersOf(group))}'`,
        heal: [`nft delete table inet ${name}`],
      })),
    ),
  );
  // One of each group looks for all: each machine of a group has the same rules.
  const ways = groups.flatMap((group): readonly Way[] =>
    group.slice(0, 1).map((from) => ({ from, to: othersOf(group) })),
  );
  return {
    async lacking() {
      const [first, second] = groups;
      if (groups.length < 2 || groups.some((group) => group.length === 0))
        return 'there is nobody to be divided from: a partition needs two groups or more, none of them empty';
      const lacks = await Promise.all(
        all.map((machine) => cannotRun(machine, 'drop packets', `nft '${dropFrom(name, all)}'`)),
      );
      return (
        addressShared(all) ??
        lacks.find((lack) => lack !== undefined) ??
        (await alreadyBroken(first?.[0] as Machine, second?.[0] as Machine))
      );
    },
    inject: held.inject,
    heal: held.heal,
    unseen: () => stillReached(ways),
    remaining: () => notReached(ways),
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

/** Rules for one machine. What it sends is not touched, for a program would be told: who is to hear it drops it. */
function dropFrom(table: string, machines: readonly Machine[]): string {
  return tableOf(table, machines, 'drop');
}

/** A table of its own with rules for what comes from these machines. */
export function tableOf(table: string, machines: readonly Machine[], verdict: string): string {
  const rules = [
    ['ip', machines.filter(({ ip }) => !isIPv6(ip))] as const,
    ['ip6', machines.filter(({ ip }) => isIPv6(ip))] as const,
  ].flatMap(([family, some]) =>
    some.length === 0 ? [] : [`${family} saddr { ${some.map(({ ip }) => ip).join(', ')} } ${verdict}\n`],
  );
  return `table inet ${table} {\nchain in {\ntype filter hook input priority -200\n${rules.join('')}}\n}`;
}
