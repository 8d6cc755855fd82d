/**
 * The machine of a slave, in virtual time: tasks that together need more than it has are all slower, by as much as the scarcest
 * resource is short. So slots that are not what tasks need have a price. Memory is taken as if it were shared like processors: a
 * machine that swaps is slower than that, so this is the least that it costs.
 */
import type { Clock, Millis, Timer } from '../../mesos/driver/actor.ts';
import { add, NOTHING, type Resources, subtract } from '../../mesos/protocol/resources.ts';

/** Whose timers end with the executor. */
type TaskClock = Pick<Clock, 'now' | 'after'>;

/** Runs what needs a part of it. */
export interface Machine {
  /** `done` is called when work is done that takes `ms` on a machine that is not short of anything, unless it is cancelled before. */
  run(clock: TaskClock, needs: Resources, ms: Millis, done: () => void): Pick<Timer, 'cancel'>;
}

interface Work {
  readonly clock: TaskClock;
  readonly needs: Resources;
  readonly done: () => void;
  leftMs: Millis;
  timer: Timer | undefined;
}

/** A machine with these resources; what they do not name, it has enough of. */
export function sharedMachine(capacity: Resources): Machine {
  const running = new Set<Work>();
  let needed: Resources = NOTHING;
  let slowdown = 1;
  let sinceMs: Millis = 0;

  /** What runs has come on since it was last looked at; from now on it does so with another speed, if that has changed. */
  function change(nowMs: Millis): void {
    const before = slowdown;
    slowdown = slowdownOf(needed, capacity);
    for (const work of running) {
      work.leftMs -= (nowMs - sinceMs) / before;
      if (slowdown !== before) start(work);
    }
    sinceMs = nowMs;
  }

  function start(work: Work): void {
    work.timer?.cancel();
    work.timer = work.clock.after(work.leftMs * slowdown, () => {
      leave(work);
      work.done();
    });
  }

  function leave(work: Work): void {
    if (!running.delete(work)) return;
    work.timer?.cancel();
    needed = subtract(needed, work.needs);
    change(work.clock.now());
  }

  return {
    run(clock, needs, ms, done) {
      needed = add(needed, needs);
      change(clock.now());
      const work: Work = { clock, needs, done, leftMs: ms, timer: undefined };
      running.add(work);
      start(work);
      return { cancel: () => leave(work) };
    },
  };
}

function slowdownOf(needed: Resources, capacity: Resources): number {
  let most = 1;
  for (const name in capacity) most = Math.max(most, (needed[name] ?? 0) / (capacity[name] as number));
  return most;
}
