/** Measures the timed figures of both sides in processes of this machine, and keeps each block. */
import { join } from 'node:path';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { measureBlock, type Sides } from './block.ts';
import { type BlockStore, blockStore } from './blockStore.ts';
import { runSession, type SessionPlan, type TimedResult } from './session.ts';

/** What to measure, of what, and where to keep it. */
export interface TimedSession extends SessionPlan {
  readonly sides: Sides;
  /** Folder for results. */
  readonly out: string;
  /** Measure again what was measured before. */
  readonly fresh: boolean;
  readonly stopping: AbortSignal;
}

/** Measures. Rejects if it is stopped; what was measured is kept. */
export async function measureTimed(session: TimedSession): Promise<TimedResult> {
  const { targets, sides, out, budgetSeconds, fresh, stopping } = session;
  const stores = new Map<string, BlockStore>(
    targets.map((target) => [target.id, blockStore(out, target, sides, budgetSeconds)]),
  );
  const machines = await localMachines(join(out, 'processes'), ['bench']);
  try {
    const machine = machines.machines[0] as Machine;
    return await runSession(session, async (target, seed, limits) => {
      const store = stores.get(target.id);
      const block = fresh ? undefined : store?.read(seed);
      if (block !== undefined) return { is: 'measured', block };
      const outcome = await measureBlock(target, sides, seed, machine, limits, stopping);
      if (outcome.is === 'measured') await store?.write(outcome.block);
      return outcome;
    });
  } finally {
    await machines[Symbol.asyncDispose]();
  }
}
