/** Compares two sides: runs both interleaved, or reads what was stored of them. */
import { join } from 'node:path';
import { wallClock } from '../../infra/wallClock.ts';
import { infrastructureError, usageError } from '../command/exit.ts';
import type { ComparisonData, MachineClass, Side } from '../comparison.ts';
import { makeFolder } from '../folder.ts';
import type { ReportData } from '../result.ts';
import type { ProgressDisplay } from '../run/progress.ts';
import { setting } from '../run/provenance.ts';
import { writeWhole } from '../run/wholeFile.ts';
import type { Sides, Target } from './block.ts';
import { compareExperiments, compareRuns, type RunsCompared } from './experiments.ts';
import { type ExperimentRun, type Matching, match } from './matching.ts';
import { offeringOf } from './offering.ts';
import type { TimedResult } from './session.ts';
import { type AnySide, mixed, type StoredSide } from './side.ts';
import { measureTimed } from './timed.ts';

/** What to compare. */
export interface Comparison {
  readonly base: AnySide;
  readonly head: AnySide;
  readonly targets: readonly Target[];
  /** What is run in virtual time. */
  readonly runs: readonly ExperimentRun[];
  readonly budgetSeconds: number;
  /** From which part on an effect on a timed figure counts, by its id. */
  readonly threshold: (id: string) => number;
  readonly out: string;
  readonly fresh: boolean;
  /** See {@link ExperimentPlan}. */
  readonly unexplained?: true;
  readonly ran?: (base: ReportData, head: ReportData) => void;
  /** The command that makes it again. */
  readonly command: string;
  readonly display: ProgressDisplay;
  readonly stopping: AbortSignal;
}

/**
 * Compares, and writes `comparison.json` into the folder for results. Rejects with a usage error if these sides cannot be
 * compared so at all, and if it is stopped; what was measured until then is kept.
 */
export async function compare(comparison: Comparison): Promise<ComparisonData> {
  const { base, head, out } = comparison;
  makeFolderOf(out);
  const data = await comparedData(comparison, base, head);
  await writeWhole(join(out, 'comparison.json'), `${JSON.stringify(data)}\n`);
  return data;
}

function makeFolderOf(results: string): void {
  try {
    makeFolder(results);
  } catch (error) {
    throw infrastructureError(`results cannot be written to ${results}: ${(error as Error).message}`, error);
  }
}

async function comparedData(comparison: Comparison, base: AnySide, head: AnySide): Promise<ComparisonData> {
  if (base.kind === 'code' && head.kind === 'code') return ofCode(comparison, { base, head });
  if (base.kind === 'stored' && head.kind === 'stored') return ofStored(comparison, base, head);
  throw mixed();
}

const NOTHING_TIMED: TimedResult = { figures: [], noise: null, incomparable: [], left: [] };
const NOTHING_MATCHED: Matching = { targets: [], runs: [], unmatched: [] };
const NOTHING_RUN: RunsCompared = { figures: [], claims: [], incomparable: [] };

async function ofCode(comparison: Comparison, sides: Sides): Promise<ComparisonData> {
  const clock = wallClock();
  const different = incomparableNodes(sides.base.side, sides.head.side);
  const isRefused = different.length > 0;
  const matching = isRefused ? NOTHING_MATCHED : await matched(comparison, sides);
  comparison.display.expect(2 * matching.runs.length + matching.targets.length);
  const runs = isRefused ? NOTHING_RUN : await compareExperiments(sides, { ...comparison, ...matching });
  const timed =
    isRefused || matching.targets.length === 0
      ? NOTHING_TIMED
      : await measureTimed({ ...comparison, ...matching, sides });
  const { noise, left } = timed;
  return {
    ...frame(comparison, sides.base.side, sides.head.side, clock.stop()),
    budgetSeconds: comparison.budgetSeconds,
    noise,
    incomparable: [...different, ...runs.incomparable, ...timed.incomparable],
    figures: [...matching.unmatched, ...runs.figures, ...timed.figures],
    claims: runs.claims,
    left,
  };
}

async function matched({ targets, runs, stopping }: Comparison, { base, head }: Sides): Promise<Matching> {
  const [ofBase, ofHead] = await Promise.all([
    offeringOf(base.folder, stopping),
    offeringOf(head.folder, stopping),
  ]);
  return match(targets, runs, { base: ofBase, head: ofHead });
}

async function ofStored(comparison: Comparison, base: StoredSide, head: StoredSide): Promise<ComparisonData> {
  if (comparison.targets.length + comparison.runs.length > 0)
    throw usageError('stored runs are compared as they are: leave --bench and --experiments out');
  const clock = wallClock();
  const different = incomparableNodes(base.side, head.side);
  const runs = different.length > 0 ? NOTHING_RUN : await compareRuns(base, head, 'stored runs');
  return {
    ...frame(comparison, base.side, head.side, clock.stop()),
    ...runs,
    incomparable: [...different, ...runs.incomparable],
  };
}

function incomparableNodes(base: Side, head: Side): readonly string[] {
  return base.nodeVersion === head.nodeVersion
    ? []
    : [`the base ran on Node ${base.nodeVersion}, the head on ${head.nodeVersion}`];
}

function frame(
  { command }: Comparison,
  base: Side,
  head: Side,
  { startedAt, wallSeconds }: { readonly startedAt: string; readonly wallSeconds: number },
): Omit<ComparisonData, 'incomparable' | 'figures' | 'claims'> {
  const { cpuModel, cores, memoryBytes, kernel } = setting();
  const machine: MachineClass = { cpuModel, cores, memoryBytes, kernel };
  return {
    schemaVersion: 1,
    startedAt,
    wallSeconds,
    budgetSeconds: null,
    command,
    base,
    head,
    machine,
    noise: null,
    left: [],
  };
}
