/** Runs a cell of any kind. */
import { wallClock } from '../../infra/wallClock.ts';
import type { CellResult, FailedCell } from '../result.ts';
import { type Cell, provenanceOf } from './cell.ts';
import type { CellSurroundings } from './virtualCell.ts';

/**
 * Runs the cell. What is thrown on the way is a failure of the machine; but virtual time takes nothing of the machine but files, and
 * all else is the code's own.
 */
export async function runCell(cell: Cell, surroundings: CellSurroundings): Promise<CellResult> {
  const clock = wallClock();
  try {
    return await dispatch(cell, surroundings);
  } catch (error) {
    const reason = surroundings.stopping.aborted ? 'it was stopped' : (error as Error).message;
    const isOwn = cell.scenario.kind === 'virtual' && (error as NodeJS.ErrnoException).syscall === undefined;
    return failedCell(cell, surroundings.setting, isOwn ? 'system' : 'infrastructure', reason, clock.stop());
  }
}

/** A cell that failed. */
export function failedCell(
  cell: Cell,
  setting: CellSurroundings['setting'],
  cause: FailedCell['cause'],
  reason: string,
  wall: { readonly startedAt: string; readonly wallSeconds: number },
): CellResult {
  return { state: 'failed', provenance: provenanceOf(cell, setting, wall), cause, reason };
}

/** Loads no more than the cell needs: most are run by a process of the pool, and this one then needs nothing of it. */
async function dispatch(cell: Cell, surroundings: CellSurroundings): Promise<CellResult> {
  const { scenario } = cell;
  switch (scenario.kind) {
    case 'virtual': {
      const { runVirtualCell } = await import('./virtualCell.ts');
      return runVirtualCell(cell, scenario, surroundings);
    }
    case 'real': {
      const { runRealCell } = await import('./realCell.ts');
      return runRealCell(cell, scenario, surroundings);
    }
    case 'trial': {
      const { runTrialCell } = await import('./trialCell.ts');
      return runTrialCell(cell, scenario, surroundings);
    }
    default:
      return scenario satisfies never;
  }
}
