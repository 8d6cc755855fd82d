/** All experiments. */
import type { Experiment } from './experiment.ts';
import { REGISTER } from './register.ts';

/** In the order in which they are registered. */
export const EXPERIMENTS: readonly Experiment[] = await Promise.all(
  Object.values(REGISTER).map((load) => load()),
);
