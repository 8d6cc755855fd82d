/** A process that runs cells in virtual time for a campaign, one after the other, as its parent asks. */
import { type Choices, clockOf, scenariosOf } from '../experiments/experiment.ts';
import { REGISTER } from '../experiments/register.ts';
import type { CellResult } from '../result.ts';
import { runCell } from './anyCell.ts';
import type { Cell } from './cell.ts';
import type { Setting } from './provenance.ts';
// Loaded before anything is asked for, since it takes a while.
import './virtualCell.ts';

/** What the parent asks for: a cell by its names, for functions do not travel. */
export interface CellOrder {
  readonly experiment: string;
  readonly scenario: string;
  readonly seed: number;
  readonly choices: Choices;
  readonly setting: Setting;
  readonly out: string;
  readonly keepHistories: boolean | undefined;
}

/** What it is told. */
export type CellNews =
  | { readonly is: 'progress'; readonly done: number; readonly total: number; readonly detail: string }
  | { readonly is: 'ended'; readonly result: CellResult };

const stopping = new AbortController();
const tell = (news: CellNews): void => void process.send?.(news);

process.on('message', async (order: CellOrder) => {
  let reportedPercent = -1;
  const report = (done: number, total: number, detail: string): void => {
    const percent = Math.floor((100 * done) / Math.max(1, total));
    if (percent === reportedPercent) return;
    reportedPercent = percent;
    tell({ is: 'progress', done, total, detail });
  };
  const { setting, out, keepHistories } = order;
  const surroundings = { setting, out, progress: { report }, stopping: stopping.signal, keepHistories };
  tell({ is: 'ended', result: await runCell(await cellOf(order), surroundings) });
});
// The terminal sends Ctrl-C to all its processes; the parent decides what becomes of it.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());

async function cellOf({ experiment: id, scenario: scenarioId, seed, choices }: CellOrder): Promise<Cell> {
  const experiment = await REGISTER[id]?.();
  const scenario =
    experiment &&
    scenariosOf(experiment, choices).find((one) => one.id === scenarioId && clockOf(one) === 'virtual');
  if (experiment === undefined || scenario === undefined)
    throw new Error(`there is no scenario ${scenarioId} of ${id}`);
  return { experiment, scenario, seed, choices };
}
