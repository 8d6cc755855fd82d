/** No election: one master, at an address that everybody knows. */
import type { Address } from '../runtime/actor.ts';
import type { Detector, OpenElection } from './election.ts';

/** Finds the one master. */
function fixedLeader(master: Address): Detector {
  return {
    follow(changed) {
      let isFollowing = true;
      queueMicrotask(() => {
        if (isFollowing) changed({ is: 'held', master });
      });
      return {
        stop: () => {
          isFollowing = false;
        },
      };
    },
  };
}

/** The election in which whoever stands leads: for one master, at an address that everybody knows. */
export function fixedElection(master: Address): OpenElection {
  return {
    ...fixedLeader(master),
    stand(_candidate, { elected }) {
      let state: 'standing' | 'leading' | 'over' = 'standing';
      queueMicrotask(() => {
        if (state !== 'standing') return;
        state = 'leading';
        elected();
      });
      return {
        leads: () => state === 'leading',
        withdraw: () => {
          state = 'over';
        },
      };
    },
    close: async () => {},
  };
}

/** The detector, or for an address the detector that finds the master there. */
export function detectorOf(master: Address | Detector): Detector {
  return typeof master === 'string' ? fixedLeader(master) : master;
}
