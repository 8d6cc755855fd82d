/** What the critics' scenarios have in common: synthetic frameworks on a small cluster, of which values are kept. */
import type { Resources } from '../../../mesos/protocol/resources.ts';
import type { Span } from '../../measure/stepFunction.ts';
import type { Measure, VirtualRunScenario } from '../experiment.ts';
import type { VirtualFramework, VirtualScenario } from '../virtualScenario.ts';

/** So many CPUs, with memory in proportion, so that neither is left over. */
export const slots = (n: number): Resources => ({ cpus: n, mem: 1024 * n });

type Load = Extract<VirtualFramework, { kind: 'load' }>;

/** A framework of synthetic jobs. */
export function loadOf(name: string, load: Load['load'], more: Partial<Load> = {}): Load {
  return { kind: 'load', name, partition: 0, load, ...more };
}

/** A scenario without its cluster's fixed parts. */
export interface Setting extends Pick<VirtualRunScenario, 'id' | 'label' | 'parameters'> {
  readonly seeds?: number;
  /** What is measured is what happens then, or is submitted then. */
  readonly window: Span;
  /** The run goes on for so long after the window. */
  readonly afterMs: number;
  readonly cluster: Pick<VirtualScenario, 'slaves' | 'slaveResources' | 'frameworks'> &
    Partial<Pick<VirtualScenario, 'allocation' | 'master'>>;
  readonly measures: readonly ((window: Span) => Measure)[];
}

/** A scenario in virtual time of which values are kept. */
export function scenarioOf(setting: Setting): VirtualRunScenario {
  const { id, label, parameters, seeds = 3, window, afterMs, cluster, measures } = setting;
  const untilMs = window.toMs + afterMs;
  return {
    ...{ id, label, parameters, seeds },
    kind: 'virtual',
    system: 'mesos',
    keep: 'values',
    cluster: {
      ...cluster,
      // Nothing fails here.
      master: { slavePingIntervalMs: 60_000, ...cluster.master },
      replication: 3,
      untilMs,
      limitMs: untilMs + 1_000,
    },
    measures: measures.map((measure) => () => measure(window)),
  };
}
