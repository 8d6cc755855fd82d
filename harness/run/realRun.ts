/** A run for real, as it is asked for. */
import type { Machine } from '../../infra/machine.ts';
import type { Ensemble } from '../../infra/zookeeper.ts';
import type { Corpus } from '../../workloads/corpus.ts';
import type { RealScenario } from '../experiments/realScenario.ts';
import type { System } from '../result.ts';
import type { Deployment } from './deployment.ts';
import type { Places } from './realMasters.ts';

/** What to run, and on which machines. */
export interface RealRun {
  readonly scenario: RealScenario;
  readonly system: System;
  readonly seed: number;
  readonly corpus: Corpus;
  readonly deployment: Deployment;
  readonly places: Places;
  /** Is told of the servers by which masters elect their leader, once they run. */
  readonly electing: (ensemble: Ensemble) => void;
  /** Is told of what happens, in a few words. */
  readonly tell: (event: RealEvent) => void;
  /** Is called when everything has been started, and waited for. */
  readonly running: () => Promise<void>;
  /** Is this process, by name, one that ends by intent? */
  readonly ends: (machine: Machine, process: string) => boolean;
  /** Aborts when the run is to end early; its reason is an Error. */
  readonly stopping: AbortSignal;
}

/** What the run tells of itself. */
export type RealEvent = { readonly stage: string } | { readonly jobEnded: string };
