/** The experiments by their ids, each of which is loaded only when it is wanted. */
import type { Experiment } from './experiment.ts';

/** A new one is a file beside this and a line in this list. */
export const REGISTER: Readonly<Record<string, () => Promise<Experiment>>> = {
  macro: async () => (await import('./macro.ts')).macro,
  iterations: async () => (await import('./iterations.ts')).iterations,
  overhead: async () => (await import('./overhead.ts')).overhead,
  isolation: async () => (await import('./isolation.ts')).isolation,
  'sim-versus-real': async () => (await import('./simVersusReal.ts')).simVersusReal,
  theory: async () => (await import('./theory.ts')).theory,
  drf: async () => (await import('./drf.ts')).drf,
  locality: async () => (await import('./locality.ts')).locality,
  durations: async () => (await import('./durations.ts')).durations,
  revocation: async () => (await import('./revocation.ts')).revocation,
  scalability: async () => (await import('./scalability.ts')).scalability,
  recovery: async () => (await import('./recovery.ts')).recovery,
  critics: async () => (await import('./critics.ts')).critics,
  trace: async () => (await import('./trace.ts')).trace,
};
