/** Runs a cell of any kind. */
import { wallClock } from '../../infra/wallClock.ts';
import type { CellResult } from '../result.ts';
import { type Cell, provenanceOf } from './cell.ts';
import type { CellSurroundings } from './virtualCell.ts';

/** Runs the cell; what is thrown on the way is a failure of the machine. */
export async function runCell(cell: Cell, surroundings: CellSurroundings): Promise<CellResult> {
  const clock = wallClock();
  try {
    return await dispatch(cell, surroundings);
  } catch (error) {
    const reason = surroundings.stopping.aborted ? 'it was stopped' : (error as Error).message;
    return failedCell(cell, surroundings.setting, reason, clock.stop());
  }
}

/** A cell that failed by no fault of the system under test. */
export function failedCell(
  cell: Cell,
  setting: CellSurroundings['setting'],
  reason: string,
  wall: { readonly startedAt: string; readonly wallSeconds: number },
): CellResult {
  return { state: 'failed', provenance: provenanceOf(cell, setting, wall), cause: 'infrastructure', reason };
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
