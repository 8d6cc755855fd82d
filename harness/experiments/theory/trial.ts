/** What the scenarios of the theory have in common: small clusters of which only values and curves are kept. */
import type { LoadConfigInput } from '../../../frameworks/load/config.ts';
import type { VirtualRunScenario } from '../experiment.ts';
import type { VirtualFramework, VirtualScenario } from '../virtualScenario.ts';

/** What distinguishes one of them. */
export type TheoryScenario = Pick<
  VirtualRunScenario,
  'id' | 'label' | 'seeds' | 'parameters' | 'measures'
> & {
  readonly cluster: Pick<VirtualScenario, 'slaves' | 'slaveResources' | 'frameworks'> &
    Partial<Pick<VirtualScenario, 'allocation' | 'machine' | 'untilMs'>>;
};

/** Fills in the rest. Nothing fails in these clusters, so that nobody need ask whether slaves are there. */
export function theoryScenario({ cluster, ...own }: TheoryScenario): VirtualRunScenario {
  return {
    ...own,
    kind: 'virtual',
    system: 'mesos',
    keep: 'values',
    cluster: { replication: 1, master: { slavePingIntervalMs: 3_600_000 }, limitMs: 1e11, ...cluster },
  };
}

/** A load; on Mesos only, so it has no partition. */
export function load(
  name: string,
  config: Omit<LoadConfigInput, 'name' | 'seed' | 'executor'>,
  more: Partial<Pick<VirtualFramework, 'role' | 'startMs' | 'background'>> = {},
): VirtualFramework {
  return { kind: 'load', name, partition: 0, ...more, load: config };
}

/** Every task as long as all others. */
export const constant = (value: number) => ({ type: 'constant', value }) as const;
/** Memoryless lengths. */
export const exponential = (mean: number) => ({ type: 'exponential', mean }) as const;
/** There is always one more task. */
export const ENDLESS = { type: 'endless' } as const;
