/** Runs a cell in virtual time, and measures its history as it happens. */
import type { MachineProvider } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import type { Findings, VirtualRunScenario } from '../experiments/experiment.ts';
import { runsToItsEnd } from '../experiments/virtualScenario.ts';
import { cellMeasures } from '../measure/cell.ts';
import { observing } from '../measure/fold.ts';
import { invariants } from '../measure/invariants.ts';
import { newPass } from '../measure/pass.ts';
import type { CellResult, HarnessMeasure } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import { allFindings } from './findings.ts';
import { HISTORY, historyBook, historyHash } from './historyBook.ts';
import type { Progress } from './progress.ts';
import type { Setting } from './provenance.ts';
import { cellFolder } from './store.ts';
import { runVirtual } from './virtual.ts';
import { countJobs } from './virtualFrameworks.ts';

/** Runs the cell; where all is kept, its history goes to the folder of the cell. */
export async function runVirtualCell(
  cell: Cell,
  scenario: VirtualRunScenario,
  { setting, out, progress, stopping, keepHistories }: CellSurroundings,
): Promise<CellResult> {
  const { seed } = cell;
  const isKept = scenario.keep === 'run' || keepHistories === true;
  const book = isKept ? historyBook(cellFolder(out, cellId(cell, setting))) : historyHash();
  const ended = runsToItsEnd(scenario.cluster);
  const pass = newPass();
  const run =
    scenario.keep === 'run'
      ? cellMeasures({ ended, ...(scenario.stepS !== undefined && { stepS: scenario.stepS }) }, pass)
      : undefined;
  const checks = scenario.keep === 'run' ? undefined : invariants(ended, pass);
  const measures = (scenario.measures ?? []).map((make) => make(pass));
  const observe = observing([run ?? [], checks ?? [], measures].flat());
  const jobs = scenario.cluster.frameworks.reduce((sum, framework) => sum + countJobs(framework, seed), 0);
  let jobsEnded = 0;
  let historyLines = 0;
  const clock = wallClock();
  const outcome = await runVirtual({
    scenario: scenario.cluster,
    system: scenario.system,
    seed,
    stopping,
    history: (line) => {
      historyLines++;
      book.append(line);
      observe(line);
      if (line.event === 'job-finished')
        progress.report(++jobsEnded, jobs, `${Math.round(line.t / 1000)} s of virtual time`);
    },
  });
  const wall = clock.stop();
  const historySha256 = await book.close();
  const provenance = provenanceOf(cell, setting, wall);
  if (!outcome.completed) {
    const reason = `${jobs - jobsEnded} of ${jobs} jobs had not ended after ${Math.round(outcome.endMs / 1000)} s of virtual time`;
    return { state: 'failed', provenance, cause: 'system', reason };
  }
  const harness: HarnessMeasure = {
    cpuBusy: null,
    eventsPerSecond: Math.round(outcome.events / wall.wallSeconds),
    historyLines,
    historySha256,
    historyFile: isKept ? `cells/${provenance.cellId}/${HISTORY}` : null,
    limited: null,
  };
  const findings = allFindings(measures.map((measure): Findings => measure.result()));
  if (run === undefined) {
    const all = [...(checks?.result() ?? []), ...findings.checks];
    return { state: 'completed', kind: 'values', provenance, harness, ...findings, checks: all };
  }
  const measured = run.result();
  const all = [...measured.checks, ...findings.checks];
  return { ...measured, ...findings, kind: 'run', checks: all, provenance, harness };
}

/** What a cell runs in. */
export interface CellSurroundings {
  readonly setting: Setting;
  /** Folder for results. */
  readonly out: string;
  readonly progress: Pick<Progress, 'report'>;
  /** Keep the histories of all cells in virtual time, not only of those of which all is kept. */
  readonly keepHistories?: boolean | undefined;
  /** Provisions machines of the user's, in place of those that scenarios ask for. */
  readonly provide?: MachineProvider;
  readonly stopping: AbortSignal;
}
