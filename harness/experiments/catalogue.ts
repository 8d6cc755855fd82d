import { critics } from './critics.ts';
import { drf } from './drf.ts';
import { durations } from './durations.ts';
import type { Experiment } from './experiment.ts';
import { isolation } from './isolation.ts';
import { iterations } from './iterations.ts';
import { locality } from './locality.ts';
import { macro } from './macro.ts';
import { overhead } from './overhead.ts';
import { recovery } from './recovery.ts';
import { revocation } from './revocation.ts';
import { scalability } from './scalability.ts';
import { simVersusReal } from './simVersusReal.ts';
import { theory } from './theory.ts';
import { trace } from './trace.ts';

/** All experiments. A new one is a file beside this and a name in this list. */
export const EXPERIMENTS: readonly Experiment[] = [
  macro,
  iterations,
  overhead,
  isolation,
  simVersusReal,
  theory,
  drf,
  locality,
  durations,
  revocation,
  scalability,
  recovery,
  critics,
  trace,
];
