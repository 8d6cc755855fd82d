/** Runs a cell in virtual time, writes its history, and measures it as it goes. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../infra/wallClock.ts';
import { openHistoryFile } from '../../mesos/runtime/historyFile.ts';
import { cellMeasures } from '../measure/cell.ts';
import type { CellResult } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import type { Progress } from './progress.ts';
import { type Setting, sha256 } from './provenance.ts';
import { cellFolder } from './store.ts';
import { runVirtual } from './virtual.ts';

/** Runs the cell; its history goes to the folder of the cell. */
export async function runVirtualCell(
  cell: Cell,
  setting: Setting,
  out: string,
  progress: Progress,
  stopping: AbortSignal,
): Promise<CellResult> {
  const { experiment, system, seed } = cell;
  const folder = cellFolder(out, cellId(cell, setting));
  const historyPath = join(folder, 'history.ndjson');
  rmSync(historyPath, { force: true });
  mkdirSync(folder, { recursive: true });
  let trouble: Error | undefined;
  const file = openHistoryFile(historyPath, {
    onError: (error) => {
      trouble = error;
    },
  });
  const measures = cellMeasures();
  const jobs = experiment.virtual.frameworks.reduce((sum, framework) => sum + framework.jobs(seed).length, 0);
  let jobsEnded = 0;
  const clock = wallClock();
  const outcome = await runVirtual({
    scenario: experiment.virtual,
    system,
    seed,
    stopping,
    history: (line) => {
      file.append(line);
      measures.observe(line);
      if (line.event === 'job-finished')
        progress.report(++jobsEnded, jobs, `${Math.round(line.t / 1000)} s of virtual time`);
    },
  });
  const run = clock.stop();
  await file.close();
  const provenance = provenanceOf(cell, setting, run);
  if (trouble !== undefined)
    return { state: 'failed', provenance, cause: 'infrastructure', reason: trouble.message };
  if (!outcome.completed)
    return {
      state: 'failed',
      provenance,
      cause: 'system',
      reason: `${jobs - jobsEnded} of ${jobs} jobs had not ended after ${Math.round(outcome.endMs / 1000)} s of virtual time`,
    };
  const measured = measures.result();
  return {
    ...measured,
    provenance,
    harness: {
      ...measured.harness,
      cpuBusy: null,
      eventsPerSecond: Math.round(outcome.events / run.wallSeconds),
      historySha256: sha256(readFileSync(historyPath)),
      historyFile: `cells/${provenance.cellId}/history.ndjson`,
      limited: null,
    },
  };
}
