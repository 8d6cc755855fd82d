/** Runs a cell that is code of its own. */
import { wallClock } from '../../infra/wallClock.ts';
import type { TrialScenario } from '../experiments/experiment.ts';
import { makeFolder } from '../folder.ts';
import type { CellResult } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import { allFindings } from './findings.ts';
import { providerFor } from './machines.ts';
import { cellFolder } from './store.ts';
import type { CellSurroundings } from './virtualCell.ts';

/** Runs the cell in its folder. */
export async function runTrialCell(
  cell: Cell,
  scenario: TrialScenario,
  { setting, out, progress, provide: given, stopping }: CellSurroundings,
): Promise<CellResult> {
  const folder = cellFolder(out, cellId(cell, setting));
  makeFolder(folder);
  const clock = wallClock();
  const { report } = progress;
  const provide = providerFor(scenario.machines, given);
  const found = await scenario.run({ seed: cell.seed, folder, report, provide, stopping });
  return {
    state: 'completed',
    kind: 'values',
    provenance: provenanceOf(cell, setting, clock.stop(), found.machines),
    ...allFindings([found]),
    harness: {
      cpuBusy: found.cpuBusy ?? null,
      eventsPerSecond: null,
      historyLines: 0,
      historySha256: null,
      historyFile: null,
      limited: found.limited ?? null,
      ...(found.limitedValues !== undefined && { limitedValues: found.limitedValues }),
    },
  };
}
