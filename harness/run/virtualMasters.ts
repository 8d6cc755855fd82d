/** The masters of a scenario in virtual time: one that everybody knows, or several of which one is elected. */
import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import { allocator } from '../../mesos/allocation/allocator.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { inOrder } from '../../mesos/allocation/line.ts';
import { lottery } from '../../mesos/allocation/lottery.ts';
import { priority } from '../../mesos/allocation/priority.ts';
import type { Detector } from '../../mesos/election/election.ts';
import { virtualEnsemble } from '../../mesos/election/virtual.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { type Address, processOf } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { Allocation, VirtualScenario } from '../experiments/virtualScenario.ts';

/** The masters of a run. */
export interface VirtualMasters {
  /** Where a process finds the master that leads. */
  finder(process: string): Address | Detector;
  /** Learns from the history who leads. */
  observe(line: HistoryLine): void;
  /** The process of the one that leads, or led last. */
  leader(): string;
}

/** Starts the masters. */
export function startMasters(
  cluster: VirtualCluster,
  { allocation, master: options, masters }: VirtualScenario,
): VirtualMasters {
  const count = masters?.count ?? 1;
  const ensemble = masters === undefined ? undefined : virtualEnsemble(cluster, masters);
  const processes = Array.from({ length: count }, (_, n) => `master${count > 1 ? n + 1 : ''}:5050`);
  for (const process of processes) {
    const election = ensemble?.electionFor(process);
    const setUp = { ...MASTER_DEFAULTS, ...options, allocation: factoryOf(allocation) };
    cluster
      .process(process)
      .spawn('master', master({ ...setUp, ...(election !== undefined && { election }) }));
  }
  let leader = processes[0] as string;
  return {
    finder: (process) => ensemble?.electionFor(process) ?? `master@${leader}`,
    observe(line) {
      if (line.event === 'master-elected') leader = processOf(line.by);
    },
    leader: () => leader,
  };
}

function factoryOf(allocation: Allocation = { module: 'fair' }): AllocationFactory {
  switch (allocation.module) {
    case 'fair':
      return fair(allocation.options);
    case 'lottery':
      return lottery(allocation.options);
    case 'first-come':
      return allocator(
        allocation.options ?? {},
        inOrder((a, b) => a.share - b.share),
      );
    case 'priority':
      return priority(allocation.options);
    default:
      return allocation satisfies never;
  }
}
