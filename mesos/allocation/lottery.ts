/**
 * Lottery: what is free on a slave is offered to framework i with probability s_i / Σ s, where s is the weight of its role,
 * its intended share (NSDI'11 §4.3). So each gets its part also of the slaves that more than one prefers, and the module need
 * not know what anybody prefers.
 */
import type { Random } from '../runtime/actor.ts';
import type { AllocationFactory } from './allocation.ts';
import { allocator } from './allocator.ts';
import type { Claimant, Line } from './line.ts';
import type { AllocationOptions } from './options.ts';

/** Draws among all before it is worth finding out who takes what is on offer. */
const DRAWS_MAX = 8;

/**
 * A line without an order: who is served is drawn, by weight, among those that take what is on offer. To draw from all and
 * again if the drawn one does not take it comes to the same.
 */
function drawn(random: Random): Line {
  /** With the weights that they had when they were put in. */
  const members = new Map<Claimant, number>();
  /** The members, and the sums of their weights up to and with each; undefined if the members have changed. */
  let drum: { readonly lots: readonly Claimant[]; readonly sums: readonly number[] } | undefined;

  function drumOf(claimants: Iterable<Claimant>): { lots: Claimant[]; sums: number[] } {
    const lots = [...claimants];
    let sum = 0;
    return { lots, sums: lots.map(({ weight }) => (sum += weight)) };
  }

  function draw({
    lots,
    sums,
  }: {
    lots: readonly Claimant[];
    sums: readonly number[];
  }): Claimant | undefined {
    const point = random.uniform() * (sums.at(-1) ?? 0);
    let low = 0;
    let high = lots.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) <= point) low = middle + 1;
      else high = middle;
    }
    return lots[low];
  }

  return {
    put(claimant) {
      if (members.get(claimant) === claimant.weight) return;
      members.set(claimant, claimant.weight);
      drum = undefined;
    },
    remove(claimant) {
      if (members.delete(claimant)) drum = undefined;
    },
    first(takes) {
      if (members.size > DRAWS_MAX) {
        drum ??= drumOf(members.keys());
        for (let n = 0; n < DRAWS_MAX; n++) {
          const claimant = draw(drum);
          if (claimant !== undefined && takes(claimant)) return claimant;
        }
      }
      return draw(drumOf([...members.keys()].filter(takes)));
    },
  };
}

/** The lottery module. */
export function lottery(options: AllocationOptions = {}): AllocationFactory {
  return allocator(options, drawn);
}
