/** Runs the cells of an experiment, skips those that are done, and draws the report. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../infra/wallClock.ts';
import { renderReport } from '../../reports/page.ts';
import { judgeClaims } from '../../reports/paper/measured.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { CellResult, ClockKind, ReportData } from '../result.ts';
import { type Cell, cellId, cellName, provenanceOf } from './cell.ts';
import type { Progress, ProgressDisplay } from './progress.ts';
import { setting as lookAround, type Setting } from './provenance.ts';
import { runRealCell } from './realCell.ts';
import { storeCell, storedCell, writeWhole } from './store.ts';
import { runVirtualCell } from './virtualCell.ts';

/** What to run. */
export interface Campaign {
  readonly experiment: Experiment;
  readonly clocks: readonly ClockKind[];
  /** First seed. */
  readonly seed: number;
  /** Number of seeds in virtual time, counted up from the first; real runs use the first. */
  readonly seeds: number;
  /** Folder for results. */
  readonly out: string;
  /** Run cells again that were run before. */
  readonly fresh: boolean;
  readonly display: ProgressDisplay;
  /** Aborts when the user wants to stop. */
  readonly stopping: AbortSignal;
}

/** Runs a campaign and writes `report.json` and `report.html`. Ends early, with what there is, if it is told to stop. */
export async function runCampaign(campaign: Campaign): Promise<ReportData> {
  const { experiment, out, stopping } = campaign;
  mkdirSync(out, { recursive: true });
  const setting = lookAround();
  const results: CellResult[] = [];
  for (const cell of cellsOf(campaign)) {
    if (stopping.aborted) break;
    results.push(await settle(cell, setting, campaign));
  }
  const data = reportData(experiment, results);
  if (!stopping.aborted) writeReport(out, data);
  return data;
}

/** The cells of a campaign, in the order in which they run. */
export function cellsOf({
  experiment,
  clocks,
  seed,
  seeds,
}: Pick<Campaign, 'experiment' | 'clocks' | 'seed' | 'seeds'>): readonly Cell[] {
  return clocks.flatMap((clock) =>
    Array.from({ length: clock === 'virtual' ? seeds : 1 }, (_, n) =>
      experiment.systems.map((system) => ({ experiment, system, clock, seed: seed + n })),
    ).flat(),
  );
}

/** Draws the page anew from the data. */
export function writeReport(out: string, data: ReportData): void {
  writeWhole(join(out, 'report.json'), `${JSON.stringify(data, null, 1)}\n`);
  writeWhole(join(out, 'report.html'), renderReport(data));
}

async function settle(cell: Cell, setting: Setting, campaign: Campaign): Promise<CellResult> {
  const { out, fresh, display, stopping } = campaign;
  const progress = display.start(cellName(cell));
  const stored = fresh ? undefined : storedCell(out, cellId(cell, setting));
  if (stored !== undefined) {
    progress.end('was run before');
    return stored;
  }
  const result = await run(cell, setting, out, progress, stopping);
  // A cell that was stopped has failed for no reason of its own, and must run again.
  if (result.state === 'completed' || !stopping.aborted) storeCell(out, result);
  progress.end(inWords(result));
  return result;
}

async function run(
  cell: Cell,
  setting: Setting,
  out: string,
  progress: Progress,
  stopping: AbortSignal,
): Promise<CellResult> {
  const clock = wallClock();
  try {
    return cell.clock === 'virtual'
      ? await runVirtualCell(cell, setting, out, progress, stopping)
      : await runRealCell(cell, setting, out, progress, stopping);
  } catch (error) {
    const provenance = provenanceOf(cell, setting, clock.stop());
    const reason = stopping.aborted ? 'it was stopped' : (error as Error).message;
    return { state: 'failed', provenance, cause: 'infrastructure', reason };
  }
}

function inWords(result: CellResult): string {
  if (result.state === 'failed') return `failed: ${result.reason}`;
  const failed = result.checks.filter(({ verdict }) => verdict === 'failed');
  const checks =
    failed.length === 0
      ? `${result.checks.length} checks passed`
      : `failed: ${failed.map(({ id }) => id).join(', ')}`;
  return `${Math.round(result.makespanS)} s in ${result.provenance.wallSeconds.toFixed(1)} s, ${checks}`;
}

function reportData(experiment: Experiment, cells: readonly CellResult[]): ReportData {
  const { id, title, question, paper, caveats } = experiment;
  return {
    schemaVersion: 1,
    experiment: { id, title, question, paper },
    cells,
    claims: judgeClaims(experiment.claims, cells, 'virtual'),
    caveats,
  };
}
