/** How the CPUs of a cluster are shared while nothing changes but chance: means over a span. */
import type { Measure } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { foldOf } from './fold.ts';
import { type GroupOf, heldBy } from './heldBy.ts';
import type { Span } from './stepFunction.ts';

/** What to look at. */
export interface CpuShares {
  /** Whose CPUs are told apart; every group is named in the result, e.g. `CPUs of a (%)`. */
  readonly groups: readonly string[];
  readonly groupOf: GroupOf;
  /** CPUs that make 100%. */
  readonly cpus: number;
  readonly span: Span;
  /** What each group should have, in %, and how far chance may take it from that. */
  readonly expected?: Readonly<Record<string, { readonly percent: number; readonly giveOrTake: number }>>;
  /** What must be in use at least, in %: what is not is wasted. */
  readonly least?: number;
}

/** Mean shares by group, and of all groups together. */
export function cpuShares({ groups, groupOf, cpus, span, expected = {}, least }: CpuShares): () => Measure {
  return () => {
    const fold = heldBy(groupOf);
    return foldOf({
      parts: [fold],
      result() {
        const held = fold.result();
        const shares = groups.map(
          (group) => [group, (100 * (held.get(group)?.mean(span) ?? 0)) / cpus] as const,
        );
        const inUse = shares.reduce((sum, [, share]) => sum + share, 0);
        return {
          values: {
            ...Object.fromEntries(shares.map(([group, share]) => [`CPUs of ${group} (%)`, share])),
            'CPUs in use (%)': inUse,
            'CPUs not in use (%)': 100 - inUse,
            ...(least !== undefined && { 'CPUs not in use, at most (%)': 100 - least }),
            ...Object.fromEntries(
              Object.entries(expected).map(([group, { percent }]) => [
                `CPUs of ${group}, expected (%)`,
                percent,
              ]),
            ),
          },
          checks: [
            ...shares.flatMap(([group, share]) => shareCheck(group, share, expected[group])),
            ...(least === undefined ? [] : [wasteCheck(inUse, least)]),
          ],
        };
      },
    });
  };
}

function shareCheck(
  group: string,
  share: number,
  expected: { readonly percent: number; readonly giveOrTake: number } | undefined,
): readonly Check[] {
  if (expected === undefined) return [];
  const { percent, giveOrTake } = expected;
  return [
    {
      id: `share-of-${group}`,
      claim: `${group} has the share that it should have, chance allowed for.`,
      verdict: Math.abs(share - percent) <= giveOrTake ? 'passed' : 'failed',
      detail: `${share.toFixed(2)}%, expected ${percent.toFixed(2)}%, give or take ${giveOrTake.toFixed(2)}`,
    },
  ];
}

/** What tasks that start and end leave free for the milliseconds that messages take, in %. */
const LATENCY = 0.1;

function wasteCheck(inUse: number, least: number): Check {
  return {
    id: 'waste-is-bounded',
    claim: 'No more is wasted than the largest task’s part of a node.',
    verdict: inUse >= least - LATENCY ? 'passed' : 'failed',
    detail: `${(100 - inUse).toFixed(2)}% are not in use; the bound is ${(100 - least).toFixed(2)}%`,
  };
}
