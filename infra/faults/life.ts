/** One fault from its injection to its recovery. */
import { setTimeout as after } from 'node:timers/promises';
import type { ActiveFault, Fault } from '../fault.ts';
import type { Effect, Shortfall } from './effect.ts';
import { type FaultState, type FaultStep, next } from './state.ts';
import { inWords } from './words.ts';

/** Time between two looks. */
const LOOK_MS = 20;

/** A fault that has yet to be injected. */
export interface FaultLife extends ActiveFault {
  state(): FaultState;
  /** Throws if it cannot be injected; it must be healed even then. */
  inject(): Promise<void>;
}

/** Begins the life of a fault. Nothing is done yet. */
export function faultLife(fault: Fault, effect: Effect): FaultLife {
  let state: FaultState = 'idle';
  let injecting: Promise<void> | undefined;
  let healing: Promise<void> | undefined;
  const step = (taken: FaultStep): void => {
    state = next(state, taken);
  };

  async function heal(): Promise<void> {
    // Whoever injects is told if that failed.
    await injecting?.catch(() => {});
    step('heal');
    try {
      await effect.heal();
      step('healed');
    } catch (error) {
      step('heal-failed');
      healing = undefined;
      throw new Error(`${inWords(fault)}: it cannot be healed: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  return {
    fault,
    state: () => state,
    inject() {
      step('inject');
      injecting = effect.inject().finally(() => step('injected'));
      return injecting;
    },
    heal() {
      healing ??= heal();
      return healing;
    },
    async visible() {
      if (state !== 'active') throw new Error(`a fault that is ${state} cannot become visible`);
      // Once it is healed it need not be seen any more.
      const shortfall = () => (state === 'active' ? effect.unseen() : Promise.resolve(undefined));
      await until(shortfall, effect.visibleWithinMs, `${inWords(fault)}: it has no effect`);
    },
    async recovered() {
      if (state !== 'healed') throw new Error(`a fault that is ${state} cannot recover`);
      await until(() => effect.remaining(), effect.recoveredWithinMs, `${inWords(fault)}: it was healed but`);
    },
  };
}

/** Looks until nothing falls short. Rejects with what does after so long. */
async function until(shortfall: () => Promise<Shortfall>, withinMs: number, failure: string): Promise<void> {
  const limitMs = performance.now() + withinMs;
  for (;;) {
    const short = await shortfall();
    if (short === undefined) return;
    if (performance.now() > limitMs) throw new Error(`${failure}, after ${withinMs / 1000} s: ${short}`);
    await after(LOOK_MS);
  }
}
