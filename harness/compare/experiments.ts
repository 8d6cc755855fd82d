/** Runs experiments in virtual time on both sides, and compares what they leave. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localMachines } from '../../infra/local.ts';
import type { ClaimComparison, ExactComparison, FailedComparison, FigureComparison } from '../comparison.ts';
import type { CompletedCell, ReportData } from '../result.ts';
import type { ProgressDisplay } from '../run/progress.ts';
import type { Sides } from './block.ts';
import { compareScenario, differs, objection, pairScenarios, type ScenarioPair } from './cells.ts';
import { firstDifference } from './firstDifference.ts';
import type { CodeSide } from './side.ts';

/** What is run by one command. */
export interface ExperimentRun {
  readonly experiments: readonly string[];
  /** Only these of their scenarios; absent: all. */
  readonly only?: readonly string[];
  /** Seeds, counted from 1; absent: as many as each scenario has. */
  readonly seeds?: number;
  readonly scale?: number;
}

/** What to run, and how. */
export interface ExperimentPlan {
  readonly runs: readonly ExperimentRun[];
  /** Folder for results. */
  readonly out: string;
  readonly fresh: boolean;
  readonly display: ProgressDisplay;
  readonly stopping: AbortSignal;
}

/** What came of it. */
export interface RunsCompared {
  readonly figures: readonly FigureComparison[];
  readonly claims: readonly ClaimComparison[];
  readonly incomparable: readonly string[];
}

/** A report with the folder that its histories are in. */
interface StoredRun {
  readonly folder: string;
  readonly data: ReportData;
}

/** Runs experiments on both sides, one after the other: in virtual time it does not matter when. */
export async function compareExperiments(sides: Sides, plan: ExperimentPlan): Promise<RunsCompared> {
  const all: RunsCompared[] = [];
  plan.display.expect(2 * plan.runs.length);
  for (const run of plan.runs) all.push(await compareRun(sides, plan, run));
  return {
    figures: all.flatMap(({ figures }) => figures),
    claims: all.flatMap(({ claims }) => claims),
    incomparable: all.flatMap(({ incomparable }) => incomparable),
  };
}

async function compareRun(sides: Sides, plan: ExperimentPlan, run: ExperimentRun): Promise<RunsCompared> {
  const runs: StoredRun[] = [];
  for (const which of ['base', 'head'] as const) {
    const ran = await runOn(sides[which], which, plan, run, []);
    if ('kind' in ran) return { figures: [ran], claims: [], incomparable: [] };
    runs.push(ran);
  }
  const [base, head] = runs as [StoredRun, StoredRun];
  return compareRuns(base, head, async (pair, seed) => {
    const [first] = pair.base;
    if (first === undefined) return null;
    const { experiment, scenario } = first.provenance;
    const again = {
      experiments: [experiment],
      only: [scenario],
      ...(run.scale !== undefined && { scale: run.scale }),
    };
    const kept: StoredRun[] = [];
    for (const which of ['base', 'head'] as const) {
      const own = { ...plan, out: join(plan.out, 'histories') };
      const ran = await runOn(sides[which], which, own, again, [
        '--seed',
        String(seed),
        '--histories',
        '--fresh',
      ]);
      if ('kind' in ran) return null;
      kept.push(ran);
    }
    return differenceOf(kept[0] as StoredRun, kept[1] as StoredRun, pair.id, seed);
  });
}

/** Compares two stored runs. `keep` runs a scenario again, with its history kept, and finds where it differs. */
export async function compareRuns(
  base: StoredRun,
  head: StoredRun,
  keep: (pair: ScenarioPair, seed: number) => Promise<ExactComparison['firstDifference']> = async () => null,
): Promise<RunsCompared> {
  const { pairs, unpaired } = pairScenarios(base.data, head.data);
  const incomparable = [...unpaired];
  const figures: FigureComparison[] = [];
  for (const pair of pairs) {
    const why = objection(pair);
    if (why !== undefined) incomparable.push(why);
    else figures.push(...compareScenario(pair, await explain(pair, base, head, keep)));
  }
  return { figures, claims: compareClaims(base.data, head.data), incomparable };
}

async function explain(
  pair: ScenarioPair,
  base: StoredRun,
  head: StoredRun,
  keep: (pair: ScenarioPair, seed: number) => Promise<ExactComparison['firstDifference']>,
): Promise<ExactComparison['firstDifference']> {
  const [first] = pair.base;
  if (first?.provenance.clock !== 'virtual') return null;
  const cells = [...pair.base, ...pair.head];
  if (!cells.every((cell): cell is CompletedCell => cell.state === 'completed')) return null;
  const n = pair.base.findIndex((cell, at) => differs(cell as CompletedCell, pair.head[at] as CompletedCell));
  if (n < 0) return null;
  const seed = pair.base[n]?.provenance.seed ?? 0;
  return (await differenceOf(base, head, pair.id, seed)) ?? keep(pair, seed);
}

/** Where the histories of a cell part; null if they were not kept, or do not differ. */
async function differenceOf(
  base: StoredRun,
  head: StoredRun,
  id: string,
  seed: number,
): Promise<ExactComparison['firstDifference']> {
  const [one, other] = [base, head].map(({ folder, data }) => {
    const cells = data.experiments.flatMap(({ cells }) => cells);
    const cell = cells.find(
      ({ provenance: { experiment, scenario, clock, seed: own } }) =>
        clock === 'virtual' && `${experiment}/${scenario}` === id && own === seed,
    );
    const file = cell?.state === 'completed' ? cell.harness.historyFile : null;
    return file === null ? undefined : join(folder, file);
  });
  if (one === undefined || other === undefined || !existsSync(one) || !existsSync(other)) return null;
  const found = await firstDifference(one, other);
  return found && { seed, ...found };
}

function compareClaims(base: ReportData, head: ReportData): readonly ClaimComparison[] {
  const of = (data: ReportData) =>
    data.experiments.flatMap(({ experiment, claims }) =>
      claims.map(({ id, claim, verdict }) => ({ experiment: experiment.id, id, claim, verdict })),
    );
  const ofHead = of(head);
  return of(base).map(({ verdict, ...claim }) => {
    const other = ofHead.find((one) => one.experiment === claim.experiment && one.id === claim.id);
    // A claim that is gone is not reproduced any more either.
    return { ...claim, base: verdict, head: other?.verdict ?? ('not run' as const) };
  });
}

async function runOn(
  { folder, setting }: CodeSide,
  which: 'base' | 'head',
  { out, fresh, display, stopping }: ExperimentPlan,
  { experiments, only, seeds, scale }: ExperimentRun,
  more: readonly string[],
): Promise<StoredRun | FailedComparison> {
  const id = experiments.join(' ');
  const results = join(out, 'runs', setting.code.slice(0, 16));
  const progress = display.start(`${id} on the ${which}`);
  // What an earlier run left is not what this one leaves.
  rmSync(join(results, 'report.json'), { force: true });
  const machines = await localMachines(join(out, 'processes'), [which]);
  try {
    const process = await machines.machines[0]?.start({
      name: 'run',
      program: join(folder, 'harness', 'lab'),
      arguments: [
        ...['run', ...experiments, '--clock', 'virtual', '--out', results],
        ...(only === undefined ? [] : ['--only', ...only]),
        ...(seeds === undefined ? [] : ['--seeds', String(seeds)]),
        ...(scale === undefined ? [] : ['--scale', String(scale)]),
        ...(fresh ? ['--fresh'] : []),
        ...more,
      ],
    });
    if (process === undefined) throw new Error('there is no machine');
    process.onLine(/^\[(\d+)\/(\d+)\] (.*)/, ([, done, total, what]) =>
      progress.report(Number(done), Number(total), what ?? ''),
    );
    const stop = (): void => process.signal('SIGKILL');
    stopping.addEventListener('abort', stop);
    const { code, signal } = await process.exited;
    stopping.removeEventListener('abort', stop);
    stopping.throwIfAborted();
    if (!existsSync(join(results, 'report.json'))) {
      const why =
        process.lastLines().findLast((line) => line.startsWith('lab: ')) ?? process.lastLines().at(-1) ?? '';
      progress.end(`failed: ${why}`);
      const verdict = signal !== null || code === 5 ? 'infrastructure' : 'failed';
      return { kind: 'failed', id, side: which, verdict, why: why.replace('lab: ', '') };
    }
    progress.end('done');
    return {
      folder: results,
      data: JSON.parse(readFileSync(join(results, 'report.json'), 'utf8')) as ReportData,
    };
  } finally {
    await machines[Symbol.asyncDispose]();
  }
}
