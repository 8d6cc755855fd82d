/**
 * Frameworks that want offers, in line for what is free. The kind of line is what distinguishes one allocation module from
 * another: see `inOrder` below and `lottery.ts`.
 */
import type { FrameworkId } from '../protocol/entities.ts';
import type { Random } from '../runtime/actor.ts';

/** A framework in line. */
export interface Claimant {
  readonly id: FrameworkId;
  readonly role: string;
  /** Weight of its role; above 0. */
  readonly weight: number;
  /** Counts the frameworks in the order in which they came. */
  readonly number: number;
  /** Its dominant share of the cluster, offers included, over its weight. */
  readonly share: number;
  /** How often it was granted something. */
  readonly grants: number;
}

/** A line. */
export interface Line {
  /** Lets a framework in. If it is there already, its weight, share or number of grants has changed. */
  put(claimant: Claimant): void;
  /** Lets it out; nothing happens if it is not there. */
  remove(claimant: Claimant): void;
  /** The framework that is served: the first, by the rules of this line, that takes what is on offer. */
  first(takes: (claimant: Claimant) => boolean): Claimant | undefined;
}

/** Makes empty lines of one kind. */
export type LineFactory = (random: Random) => Line;

/** Negative if `a` comes before `b`. */
export type Order = (a: Claimant, b: Claimant) => number;

/** Dominant resource fairness: the lowest weighted share first; of equal ones, who was granted less often (NSDI'11 §3.3). */
export const byShare: Order = (a, b) => a.share - b.share || a.grants - b.grants;

/** More moves than these at once, and sorting anew is cheaper than to find each place. */
const MOVES_MAX = 16;

/** So many may be moving before they are settled though nobody asks. */
const LEAVING_MAX = 1000;

/** A line in which the order decides; of equal ones, who came first. */
export const inOrder =
  (order: Order): LineFactory =>
  () => {
    const full: Order = (a, b) => order(a, b) || a.number - b.number;
    /** In order, but for those that are moving. */
    let line: Claimant[] = [];
    /** To be taken out of `line`; those that stay are put in again at their places. */
    const moving = new Map<Claimant, 'stays' | 'leaves'>();

    function placeOf(claimant: Claimant): number {
      let low = 0;
      let high = line.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (full(line[middle] as Claimant, claimant) < 0) low = middle + 1;
        else high = middle;
      }
      return low;
    }

    function settle(): void {
      if (moving.size > MOVES_MAX) {
        line = line.filter((claimant) => !moving.has(claimant));
        for (const [claimant, move] of moving) if (move === 'stays') line.push(claimant);
        line.sort(full);
      } else {
        for (const claimant of moving.keys()) {
          const place = line.indexOf(claimant);
          if (place >= 0) line.splice(place, 1);
        }
        for (const [claimant, move] of moving)
          if (move === 'stays') line.splice(placeOf(claimant), 0, claimant);
      }
      moving.clear();
    }

    return {
      put: (claimant) => void moving.set(claimant, 'stays'),
      remove(claimant) {
        moving.set(claimant, 'leaves');
        // Without slaves nobody asks who is first, however many come and go.
        if (moving.size > LEAVING_MAX) settle();
      },
      first(takes) {
        if (moving.size > 0) settle();
        return line.find(takes);
      },
    };
  };

/** A line for those below their guarantees, and behind it one for all others. */
export interface GuaranteedLine extends Line {
  put(claimant: Claimant & { readonly isBelowGuarantee: boolean }): void;
}

/** Puts those that are below their guarantees before all others; both lines are of the same kind. */
export function belowGuaranteeFirst(makeLine: () => Line): GuaranteedLine {
  const [below, others] = [makeLine(), makeLine()];
  const isInBelow = new Set<Claimant>();
  return {
    put(claimant) {
      if (claimant.isBelowGuarantee) {
        if (!isInBelow.has(claimant)) others.remove(claimant);
        isInBelow.add(claimant);
        below.put(claimant);
      } else {
        if (isInBelow.delete(claimant)) below.remove(claimant);
        others.put(claimant);
      }
    },
    remove(claimant) {
      (isInBelow.delete(claimant) ? below : others).remove(claimant);
    },
    first: (takes) => (isInBelow.size > 0 ? below.first(takes) : undefined) ?? others.first(takes),
  };
}
