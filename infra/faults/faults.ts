/** Injects faults, and heals them whatever happens. */
import type { ActiveFault, Fault } from '../fault.ts';
import type { Effect } from './effect.ts';
import { type FaultLife, faultLife } from './life.ts';
import { effectOf, type FaultTargets } from './targets.ts';
import { inWords } from './words.ts';

/** The faults of a run. Disposing of them heals those that are active, the last one first. */
export interface Faults extends AsyncDisposable {
  /** Why a fault cannot be injected, in one sentence; undefined if it can. Changes nothing. */
  impossible(fault: Fault): Promise<string | undefined>;
  /** Resolves when it is done; whether it can be seen is another question. Rejects, and leaves nothing, if it cannot be done. */
  inject(fault: Fault): Promise<ActiveFault>;
}

/** Faults that hit these targets. */
export function faultsOn(targets: FaultTargets): Faults {
  return faultsWith((fault) => effectOf(fault, targets));
}

/** Faults with such effects. */
export function faultsWith(effect: (fault: Fault) => Effect): Faults {
  const lives: FaultLife[] = [];
  let isDisposed = false;
  return {
    async impossible(fault) {
      try {
        const lack = await effect(fault).lacking();
        return lack && `${inWords(fault)}: ${lack}`;
      } catch (error) {
        return (error as Error).message;
      }
    },
    async inject(fault) {
      if (isDisposed) throw new Error(`${inWords(fault)}: the run has ended`);
      const life = faultLife(fault, effect(fault));
      // Before it is injected: who is interrupted in the middle still heals it.
      lives.push(life);
      try {
        await life.inject();
      } catch (error) {
        await life.heal().catch(() => {});
        throw new Error(`${inWords(fault)}: it cannot be injected: ${(error as Error).message}`, {
          cause: error,
        });
      }
      return life;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      const errors: unknown[] = [];
      for (const life of lives.toReversed()) await life.heal().catch((error) => errors.push(error));
      if (errors.length > 0)
        throw errors.length === 1 ? errors[0] : new AggregateError(errors, String(errors[0]));
    },
  };
}
