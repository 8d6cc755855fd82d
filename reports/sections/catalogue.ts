/** Which sections an experiment has beside what is shown of every experiment. */
import { criticsSection } from './critics.ts';
import { drfSection } from './drf.ts';
import { durationsSection } from './durations.ts';
import { general } from './general.ts';
import { isolationSection } from './isolation.ts';
import { iterationsSection } from './iterations.ts';
import { localitySection } from './locality.ts';
import { macroSection } from './macro.ts';
import { overheadSection } from './overhead.ts';
import { recoverySection } from './recovery.ts';
import { revocationSection } from './revocation.ts';
import { scalabilitySection } from './scalability.ts';
import { simVersusRealSection } from './simVersusReal.ts';
import { theorySection } from './theory.ts';
import type { Section } from './topic.ts';
import { traceSection } from './trace.ts';

/** By the experiment's id. An experiment without an entry gets the general section. */
const SECTIONS: Readonly<Record<string, readonly Section[]>> = {
  macro: [macroSection],
  durations: [durationsSection],
  iterations: [iterationsSection],
  locality: [localitySection],
  overhead: [overheadSection],
  isolation: [isolationSection],
  scalability: [scalabilitySection],
  recovery: [recoverySection],
  revocation: [revocationSection],
  critics: [criticsSection],
  theory: [theorySection],
  drf: [drfSection],
  'sim-versus-real': [simVersusRealSection],
  trace: [traceSection],
};

/** The sections of an experiment, in the order in which they are shown. */
export function sectionsOf(experiment: string): readonly Section[] {
  return SECTIONS[experiment] ?? [general];
}
