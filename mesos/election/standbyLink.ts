/**
 * A link to the master that leads next. To make a link, with its proofs, takes both ends several milliseconds of processor time, and
 * when a master is gone all slaves and schedulers want one at once; so they make it before (NSDI'11 §3.6).
 */
import type { ActorKind, Address, Millis, Timer } from '../runtime/actor.ts';
import type { Detector } from './election.ts';

/** When a master begins to stand by, the processes of the cluster link to it at random times within this. */
const WITHIN_MS = 5_000;

/**
 * Keeps a link between its process and the master that the detector says is next. The actors of that process use it when that master
 * leads. Where the detector does not know who is next, there is none.
 */
export function standbyLink(detector: Detector, withinMs = WITHIN_MS): ActorKind {
  return {
    // Nobody tells it anything.
    inbox: {},
    create({ random, after, watch }) {
      let next: Address | undefined;
      let soon: Timer | undefined;
      const link = (delay: Millis): void => {
        const master = next;
        soon?.cancel();
        soon = master === undefined ? undefined : after(delay, () => watch(master));
      };
      detector.followNext?.((master) => {
        next = master;
        link(withinMs * random.uniform());
      });
      return {
        receive() {},
        // As long as it is next, it may come back.
        lost(peer) {
          if (peer === next) link(withinMs * (1 + random.uniform()));
        },
      };
    },
  };
}
