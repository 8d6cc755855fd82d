/** The clock of this machine, for what lives on no wire: it takes time and chance from whoever starts it. */
import { randomBytes } from 'node:crypto';
import { type Clock, happen } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';

/** Time since the epoch, timers, and a random source of its own. */
export function realClock(): Pick<Clock, 'now' | 'after' | 'random'> {
  return {
    now: Date.now,
    after(delayMs, due) {
      const timer = setTimeout(() => happen(due), Math.max(0, delayMs));
      return { cancel: () => clearTimeout(timer) };
    },
    random: seededRandom(randomBytes(16).toString('hex')),
  };
}
