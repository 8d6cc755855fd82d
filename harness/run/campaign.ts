/** Runs the cells of experiments, skips those that are done, and draws the report. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineProvider } from '../../infra/machine.ts';
import { judgeClaims } from '../../reports/paper/measured.ts';
import {
  type Choices,
  clockOf,
  type Experiment,
  type Scenario,
  scenariosOf,
} from '../experiments/experiment.ts';
import { makeFolder } from '../folder.ts';
import type { CellResult, ClockKind, ExperimentResult, ReportData } from '../result.ts';
import { runCell } from './anyCell.ts';
import { type Cell, cellId, cellName, commandFor } from './cell.ts';
import { type CellPool, cellPool } from './cellPool.ts';
import type { ProgressDisplay } from './progress.ts';
import { setting as lookAround, type Setting } from './provenance.ts';
import { cellsFolder, hasHistory, storeCell, storedCell } from './store.ts';
import { writeWhole } from './wholeFile.ts';

/** What to run. */
export interface Campaign {
  readonly experiments: readonly Experiment[];
  readonly choices: Choices;
  readonly clocks: readonly ClockKind[];
  /** Ids of the scenarios to run; undefined: all. */
  readonly only?: readonly string[];
  /** Also scenarios that take minutes each; default yes. */
  readonly large?: boolean;
  /** First seed. */
  readonly seed: number;
  /** Number of seeds, counted up from the first, in place of each scenario's own. */
  readonly seeds?: number;
  /** Folder for results. */
  readonly out: string;
  /** Run cells again that were run before. */
  readonly fresh: boolean;
  /** Keep the histories of all cells in virtual time; default: of those of which all is kept. */
  readonly keepHistories?: boolean;
  /** Machines to run processes on, and what the user calls them; default: what each scenario asks for. */
  readonly on?: { readonly name: string; readonly provide: MachineProvider };
  readonly display: ProgressDisplay;
  /** Aborts when the user wants to stop. */
  readonly stopping: AbortSignal;
}

/** Runs a campaign and writes `report.json` and `report.html`. Ends early, with what there is, if it is told to stop. */
export async function runCampaign(campaign: Campaign): Promise<ReportData> {
  const { experiments, out, fresh, on, stopping } = campaign;
  makeFolder(out);
  const cells = cellsOf(campaign);
  await using pool = cellPool();
  // They get ready while this process looks around; where cells were run before, perhaps none is needed.
  if (fresh || !existsSync(cellsFolder(out))) pool.start(cells.filter(isVirtual).length);
  const setting = { ...lookAround(), ...(on !== undefined && { on: on.name }) };
  const results = await settleAll(cells, setting, campaign, pool);
  const data: ReportData = {
    schemaVersion: 2,
    experiments: experiments.map((experiment) => experimentResult(experiment, campaign, results, setting)),
  };
  if (!stopping.aborted) await writeReport(out, data, (sentence) => campaign.display.log(`lab: ${sentence}`));
  return data;
}

/** The cells of a campaign: experiment by experiment, and seed by seed within a clock. */
export function cellsOf({
  experiments,
  choices,
  clocks,
  only,
  large = true,
  seed,
  seeds,
}: Pick<
  Campaign,
  'experiments' | 'choices' | 'clocks' | 'only' | 'large' | 'seed' | 'seeds'
>): readonly Cell[] {
  return experiments.flatMap((experiment) =>
    scenariosOf(experiment, choices)
      .filter((scenario) => isChosen(scenario, clocks, only) && (large || scenario.isLarge !== true))
      .flatMap((scenario) =>
        Array.from({ length: seeds ?? scenario.seeds }, (_, n) => ({
          experiment,
          scenario,
          seed: seed + n,
          choices,
        })),
      )
      .toSorted((a, b) => clockOrder(a.scenario) - clockOrder(b.scenario) || a.seed - b.seed),
  );
}

/** Draws the page anew from the data. What the page lacks is told in a sentence, on standard error if to nobody else. */
export async function writeReport(
  out: string,
  data: ReportData,
  warn?: (sentence: string) => void,
): Promise<void> {
  await writeWhole(join(out, 'report.json'), `${JSON.stringify(data)}\n`);
  const { renderReport } = await import('../../reports/page.ts');
  await writeWhole(join(out, 'report.html'), await renderReport(data, warn === undefined ? {} : { warn }));
}

/** Loads what draws the page, so that it is there when it is wanted. */
async function loadReport(): Promise<void> {
  const [{ loadVega }] = await Promise.all([
    import('../../reports/figures/pictures.ts'),
    import('../../reports/page.ts'),
  ]);
  await loadVega();
}

const CLOCKS: readonly ClockKind[] = ['virtual', 'emulated', 'real'];
const isVirtual = ({ scenario }: Cell): boolean => clockOf(scenario) === 'virtual';
const clockOrder = (scenario: Scenario): number => CLOCKS.indexOf(clockOf(scenario));

function isChosen(
  scenario: Scenario,
  clocks: readonly ClockKind[],
  only: readonly string[] | undefined,
): boolean {
  return clocks.includes(clockOf(scenario)) && (only === undefined || only.includes(scenario.id));
}

/**
 * Cells in virtual time run side by side; those that measure this machine have it for themselves afterwards, its memory too: the pool
 * is gone by then.
 */
async function settleAll(
  cells: readonly Cell[],
  setting: Setting,
  campaign: Campaign,
  pool: CellPool,
): Promise<ReadonlyMap<string, CellResult>> {
  const results = new Map<string, CellResult>();
  const broken = new AbortController();
  const stopping = AbortSignal.any([campaign.stopping, broken.signal]);
  const lane = async (queue: Iterator<Cell>, run: RunCell): Promise<void> => {
    for (let { done, value } = queue.next(); !done; { done, value } = queue.next()) {
      if (stopping.aborted) return;
      results.set(cellId(value, setting), await settle(value, setting, { ...campaign, stopping }, run));
    }
  };
  campaign.display.expect(cells.length);
  const together = cells.filter(isVirtual).values();
  const lanes = Array.from({ length: pool.size }, () => lane(together, pool.run));
  // What one cannot keep, no other can: they end too.
  for (const one of lanes) one.catch((error) => broken.abort(error));
  if (cells.some(isVirtual)) {
    // From then on a processor is idle. What fails here fails again when it is wanted, and is told then.
    const loaded = Promise.race(lanes).then(() => (stopping.aborted ? undefined : loadReport()));
    await Promise.allSettled([...lanes, loaded]);
  }
  await Promise.all(lanes);
  await pool[Symbol.asyncDispose]();
  await lane(cells.filter((cell) => !isVirtual(cell)).values(), runCell);
  return results;
}

/** Runs a cell, here or elsewhere. Never rejects. */
type RunCell = typeof runCell;

async function settle(
  cell: Cell,
  setting: Setting,
  { out, fresh, on, display, stopping, keepHistories }: Campaign,
  run: RunCell,
): Promise<CellResult> {
  const warn = (sentence: string): void => display.log(`lab: ${sentence}: its cell is run again`);
  const stored = fresh ? undefined : storedCell(out, cellId(cell, setting), warn);
  const progress = display.start(cellName(cell));
  if (stored !== undefined && (keepHistories !== true || hasHistory(out, stored))) {
    progress.end('was run before');
    return stored;
  }
  const surroundings = {
    ...{ setting, out, progress, stopping, keepHistories },
    ...(on !== undefined && { provide: on.provide }),
  };
  const result = await run(cell, surroundings);
  // A cell that was stopped has failed for no reason of its own, and must run again.
  if (result.state === 'completed' || !stopping.aborted) await storeCell(out, result);
  if (stopping.aborted && result.state === 'failed') progress.stop();
  else progress.end(inWords(result));
  return result;
}

/** Timelines are large, and the report shows that of the first seed. */
function withoutTimeline(cell: CellResult): CellResult {
  return cell.state === 'completed' && cell.kind === 'run' ? { ...cell, timeline: null } : cell;
}

function inWords(result: CellResult): string {
  if (result.state === 'failed') return `failed: ${result.reason}`;
  const failed = result.checks.filter(({ verdict }) => verdict === 'failed');
  const checks =
    failed.length === 0
      ? `${result.checks.length} checks passed`
      : `failed: ${failed.map(({ id }) => id).join(', ')}`;
  const ran = result.kind === 'run' ? `${Math.round(result.makespanS)} s in ` : '';
  return `${ran}${result.provenance.wallSeconds.toFixed(1)} s, ${checks}`;
}

/** What there is of an experiment: what was run now, and what was run before with the same code. */
function experimentResult(
  experiment: Experiment,
  { choices, seed, seeds, out, display }: Campaign,
  results: ReadonlyMap<string, CellResult>,
  setting: Setting,
): ExperimentResult {
  const { id, title, question, paper, caveats, claims } = experiment;
  const { scale = 1 } = choices;
  const warn = (sentence: string): void => display.log(`lab: ${sentence}: its cell counts as not run`);
  const cells: CellResult[] = [];
  const left: Scenario[] = [];
  for (const scenario of scenariosOf(experiment, choices)) {
    const found = Array.from({ length: seeds ?? scenario.seeds }, (_, n) => {
      const key = cellId({ experiment, scenario, seed: seed + n, choices }, setting);
      return results.get(key) ?? storedCell(out, key, warn);
    }).filter((cell) => cell !== undefined);
    if (found.length === 0) left.push(scenario);
    cells.push(...found.map((cell, n) => (n === 0 ? cell : withoutTimeline(cell))));
  }
  return {
    experiment: { id, title, question, paper },
    ...(scale !== 1 && { scale }),
    cells,
    claims: judgeClaims(claims, cells),
    caveats,
    left: left.map((scenario) => ({
      label: scenario.label,
      clock: clockOf(scenario),
      command: commandFor(experiment, [scenario], choices, setting.on),
    })),
  };
}
