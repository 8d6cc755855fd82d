/** Runs experiments in virtual time on both sides, and compares what they leave. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localMachines } from '../../infra/local.ts';
import type { ClaimComparison, ExactComparison, FigureComparison } from '../comparison.ts';
import type { CompletedCell, ReportData } from '../result.ts';
import type { ProgressDisplay } from '../run/progress.ts';
import { sha256 } from '../run/provenance.ts';
import type { Sides } from './block.ts';
import {
  compareScenario,
  differs,
  objection,
  pairScenarios,
  type ScenarioPair,
  type Unpaired,
} from './cells.ts';
import { blamed, ending, type Failure, failureOf } from './failure.ts';
import { firstDifference } from './firstDifference.ts';
import { type ExperimentRun, type MatchedRun, unmatched } from './matching.ts';
import type { CodeSide } from './side.ts';

/** What to run, and how. */
export interface ExperimentPlan {
  readonly runs: readonly MatchedRun[];
  /** Folder for results. */
  readonly out: string;
  readonly fresh: boolean;
  /** Do not look for the first event that differs, which takes two more runs. */
  readonly unexplained?: true;
  /** Hears of the reports of both sides, run by run. */
  readonly ran?: (base: ReportData, head: ReportData) => void;
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

/** Runs experiments on both sides at the same time: in virtual time it does not matter when, or what else the machine does. */
export async function compareExperiments(sides: Sides, plan: ExperimentPlan): Promise<RunsCompared> {
  const all: RunsCompared[] = [];
  for (const run of plan.runs) all.push(await compareRun(sides, plan, run));
  return {
    figures: all.flatMap(({ figures }) => figures),
    claims: all.flatMap(({ claims }) => claims),
    incomparable: all.flatMap(({ incomparable }) => incomparable),
  };
}

async function compareRun(sides: Sides, plan: ExperimentPlan, run: MatchedRun): Promise<RunsCompared> {
  const both = await runOnBoth(sides, plan, run, []);
  if (both.is === 'failed') {
    const id = run.head.experiments.join(' ');
    return { figures: [blamed(id, both.base, both.head)], claims: [], incomparable: [] };
  }
  plan.ran?.(both.base.data, both.head.data);
  return compareRuns(both.base, both.head, 'versions', async (pair, seed) => {
    if (plan.unexplained) return null;
    const [first] = pair.base;
    if (first === undefined) return null;
    const { experiment, scenario } = first.provenance;
    const { scale } = run.base;
    const one = { experiments: [experiment], only: [scenario], ...(scale !== undefined && { scale }) };
    plan.display.expect(2);
    const again = await runOnBoth(
      sides,
      { ...plan, out: join(plan.out, 'histories') },
      { base: one, head: one },
      ['--seed', String(seed), '--histories'],
    );
    return again.is === 'failed' ? null : differenceOf(again.base, again.head, pair.id, seed);
  });
}

type RanOnBoth =
  | { readonly is: 'ran'; readonly base: StoredRun; readonly head: StoredRun }
  | { readonly is: 'failed'; readonly base: Failure | undefined; readonly head: Failure | undefined };

/** Each to its end, also if the other has failed: else it would not be known which of them do. */
async function runOnBoth(
  sides: Sides,
  plan: ExperimentPlan,
  run: MatchedRun,
  more: readonly string[],
): Promise<RanOnBoth> {
  const ofBase = runOn(sides.base, 'base', plan, run.base, more);
  // What is the same code leaves its results in the same folder.
  const isSame = resultsOf(sides.base, run.base, plan.out) === resultsOf(sides.head, run.head, plan.out);
  const ofHead = (isSame ? ofBase : Promise.resolve()).then(() =>
    runOn(sides.head, 'head', plan, run.head, more),
  );
  await Promise.allSettled([ofBase, ofHead]);
  const [base, head] = await Promise.all([ofBase, ofHead]);
  if ('cause' in base || 'cause' in head)
    return {
      is: 'failed',
      base: 'cause' in base ? base : undefined,
      head: 'cause' in head ? head : undefined,
    };
  return { is: 'ran', base, head };
}

/** What a run may take on each side: one that hangs must end sometime. */
const LIMIT_SECONDS = 3600;

/**
 * Compares two stored runs. A scenario that only the head has is not judged. One that only the base has is lost if these are versions of
 * the code; of two runs that a user has stored, one may merely have been asked for less. `keep` runs a scenario again, with its history kept, and finds where it differs. */
export async function compareRuns(
  base: StoredRun,
  head: StoredRun,
  of: 'versions' | 'stored runs',
  keep: (pair: ScenarioPair, seed: number) => Promise<ExactComparison['firstDifference']> = async () => null,
): Promise<RunsCompared> {
  const { pairs, unpaired } = pairScenarios(base.data, head.data);
  const isObjection = ({ on }: Unpaired): boolean => on === 'base' && of === 'stored runs';
  const incomparable = unpaired.filter(isObjection).map(({ id }) => `${id}: only the base has it`);
  const figures: FigureComparison[] = unpaired
    .filter((one) => !isObjection(one))
    .map(({ id, on }) => unmatched(id, 'scenario', on === 'base', on === 'head'));
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

/** Where a run of a side leaves its results: no other run's, whose cells would be taken for its own. */
function resultsOf({ setting }: CodeSide, run: ExperimentRun, out: string): string {
  const { experiments, only, seeds, scale } = run;
  const what = sha256(JSON.stringify({ experiments, only, seeds, scale })).slice(0, 8);
  return join(out, 'runs', `${setting.code.slice(0, 16)}-${what}`);
}

async function runOn(
  side: CodeSide,
  which: 'base' | 'head',
  { out, fresh, display, stopping }: ExperimentPlan,
  run: ExperimentRun,
  more: readonly string[],
): Promise<StoredRun | Failure> {
  const { experiments, only, seeds, scale } = run;
  const id = `${experiments.join(' ')}${more.length > 0 ? `/${only?.join(' ')}, its history,` : ''}`;
  const results = resultsOf(side, run, out);
  const progress = display.start(`${id} on the ${which}`);
  // What an earlier run left is not what this one leaves.
  rmSync(join(results, 'report.json'), { force: true });
  const machines = await localMachines(join(out, `processes-of-${which}`), ['run']);
  try {
    const process = await machines.machines[0]?.start({
      name: 'run',
      program: join(side.folder, 'harness', 'lab'),
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
    const ended = await ending(process, LIMIT_SECONDS, stopping);
    if (!existsSync(join(results, 'report.json'))) {
      const failure = failureOf(ended, process.lastLines(), LIMIT_SECONDS);
      progress.end(`failed: ${failure.why}`);
      return failure;
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
