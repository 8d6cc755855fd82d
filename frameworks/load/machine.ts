/**
 * The machine of a slave, in virtual time, on which tasks may need more than there is: then they are slower. So slots that are not
 * what tasks need have a price.
 *
 * CPUs that are short are shared: all tasks are slower by as much. Memory that is short is swapped: each task waits for its own
 * pages, and so the longer the more memory it has, in proportion to the part that does not fit.
 */
import type { Clock, Millis, Timer } from '../../mesos/driver/actor.ts';
import { add, NOTHING, type Resources, subtract } from '../../mesos/protocol/resources.ts';

/** What a machine has. */
export interface MachineModel {
  /** Above 0 each; `mem` in MiB. */
  readonly cpus: number;
  readonly mem: number;
  /** By how much a task of 1 GiB is slower if twice as much memory is needed as there is: 1 is twice as slow. */
  readonly swapCost: number;
}

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
  slowdown: number;
  timer: Timer | undefined;
}

/** A machine that tasks share. */
export function sharedMachine(model: MachineModel): Machine {
  const running = new Set<Work>();
  let needed: Resources = NOTHING;
  let sinceMs: Millis = 0;

  /** What runs has come on since it was last looked at; from now on it does so with another speed, if that has changed. */
  function change(nowMs: Millis): void {
    for (const work of running) {
      work.leftMs -= (nowMs - sinceMs) / work.slowdown;
      const slowdown = slowdownOf(work.needs, needed, model);
      if (slowdown === work.slowdown) continue;
      work.slowdown = slowdown;
      start(work);
    }
    sinceMs = nowMs;
  }

  function start(work: Work): void {
    work.timer?.cancel();
    work.timer = work.clock.after(work.leftMs * work.slowdown, () => {
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
      const slowdown = slowdownOf(needs, needed, model);
      const work: Work = { clock, needs, done, leftMs: ms, slowdown, timer: undefined };
      running.add(work);
      start(work);
      return { cancel: () => leave(work) };
    },
  };
}

const GIB = 1024;

function slowdownOf(
  { mem: own = 0 }: Resources,
  needed: Resources,
  { cpus, mem, swapCost }: MachineModel,
): number {
  const short = (amount: number, whole: number): number => Math.max(0, amount / whole - 1);
  return (1 + short(needed.cpus ?? 0, cpus)) * (1 + (swapCost * short(needed.mem ?? 0, mem) * own) / GIB);
}
