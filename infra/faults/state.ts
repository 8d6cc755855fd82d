/** The life of a fault, as a state machine. */

/** Where in its life a fault is. */
export type FaultState = 'idle' | 'injecting' | 'active' | 'healing' | 'healed';

/** What happens to it. An injection that failed half-way counts as `injected`: what there is of it must be healed. */
export type FaultStep = 'inject' | 'injected' | 'heal' | 'healed' | 'heal-failed';

const STEPS: Readonly<Record<FaultState, Partial<Readonly<Record<FaultStep, FaultState>>>>> = {
  idle: { inject: 'injecting' },
  injecting: { injected: 'active' },
  active: { heal: 'healing' },
  healing: { healed: 'healed', 'heal-failed': 'active' },
  healed: {},
};

/** The state after a step. Throws a sentence if there is no such step from here. */
export function next(state: FaultState, step: FaultStep): FaultState {
  const after = STEPS[state][step];
  if (after === undefined) throw new Error(`a fault that is ${state} takes no step '${step}'`);
  return after;
}
