/** What a slave does with executors of an earlier process that it does not want. */
import type { Isolation } from '../isolation/isolation.ts';
import type { Address } from '../runtime/actor.ts';
import type { SlaveCheckpoint } from './checkpoint.ts';

/** Ends all that an earlier process has left in the checkpoint, and clears it. `slave`: where the executors look for theirs. */
export function endLeftovers(checkpoint: SlaveCheckpoint, isolation: Isolation, slave: Address): void {
  const { slaveId = '', executors = [] } = checkpoint.load() ?? {};
  for (const { containerId, frameworkId, executorInfo, state } of executors) {
    if (state === undefined) continue;
    const spec = { containerId, frameworkId, slaveId, slave, executorInfo, shutdownGraceMs: 0 };
    isolation.recover?.(spec, state, { exited() {} }).destroy();
  }
  checkpoint.clear();
}
