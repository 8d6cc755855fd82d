import type { Experiment } from './experiment.ts';
import { mix } from './mix.ts';

/** All experiments. A new one is a file beside this and a name in this list. */
export const EXPERIMENTS: readonly Experiment[] = [mix];
