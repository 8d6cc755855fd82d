/** The runs of Mesos and of static partitions on one clock, sorted for drawing: which ran, which did not, which belong together. */
import type {
  CellResult,
  ClaimResult,
  ClockKind,
  ExperimentResult,
  FailedCell,
  RunCell,
  System,
} from '../../harness/result.ts';

/** The scenarios whose runs are compared. */
const SYSTEMS: readonly System[] = ['mesos', 'static'];

/** Mesos and static partitions with the same seed: the same jobs, so that single jobs can be compared. */
export interface Pair {
  readonly seed: number;
  readonly mesos: RunCell | null;
  readonly static: RunCell | null;
}

/** A pair of which both halves ran. */
export interface FullPair extends Pair {
  readonly mesos: RunCell;
  readonly static: RunCell;
}

/** All cells of the scenarios `mesos` and `static` on one clock. */
export interface ClockRuns {
  readonly clock: ClockKind;
  /** What the paper says of these runs. */
  readonly claims: readonly ClaimResult[];
  readonly cells: readonly CellResult[];
  readonly completed: readonly RunCell[];
  readonly failed: readonly FailedCell[];
  /** By seed, ascending. */
  readonly pairs: readonly Pair[];
  /** The pair that plots over time show: the first full one, else the first with anything, else null. */
  readonly shown: Pair | null;
  /** Names of the frameworks on this clock, in order of first appearance. */
  readonly frameworks: readonly string[];
}

/**
 * Sorts out the runs of one clock. Of two completed cells with the same system and seed the later one
 * counts. Claims of other clocks are left out: the paper's numbers stand only beside those compared with them.
 */
export function clockRuns(
  clock: ClockKind,
  { cells, claims }: Pick<ExperimentResult, 'cells' | 'claims'>,
): ClockRuns {
  const own = cells.filter((cell) => cell.provenance.clock === clock && isOfSystem(cell));
  const completed = own.filter((cell) => cell.state === 'completed' && cell.kind === 'run');
  const failed = own.filter((cell) => cell.state === 'failed');
  const seeds = [...new Set(own.map((cell) => cell.provenance.seed))].sort((a, b) => a - b);
  const pairs = seeds.map((seed) => ({
    seed,
    mesos: lastOf(completed, 'mesos', seed),
    static: lastOf(completed, 'static', seed),
  }));
  return {
    clock,
    claims: claims.filter((claim) => claim.clock === clock),
    cells: own,
    completed,
    failed,
    pairs,
    shown: pairs.find(isFull) ?? pairs.find((pair) => pair.mesos !== null || pair.static !== null) ?? null,
    frameworks: frameworkNames(completed),
  };
}

/** A cell of one of the two systems of which everything is kept, or would be had it not failed. */
function isOfSystem(cell: CellResult): boolean {
  const compared = SYSTEMS.some((system) => system === cell.provenance.scenario);
  return compared && (cell.state === 'failed' || cell.kind === 'run');
}

/** Both halves ran. */
function isFull(pair: Pair): pair is FullPair {
  return pair.mesos !== null && pair.static !== null;
}

/** The pairs of which both halves ran. */
export function fullPairs(runs: Pick<ClockRuns, 'pairs'>): readonly FullPair[] {
  return runs.pairs.filter(isFull);
}

/** Why there is no pair of runs to compare, in words; null if there is one. */
export function whyNoPair(runs: ClockRuns): string | null {
  if (fullPairs(runs).length > 0) return null;
  if (runs.cells.length === 0) return 'No run was planned for this clock.';
  const missing = SYSTEMS.filter(
    (system) => !runs.completed.some((cell) => cell.provenance.scenario === system),
  );
  if (missing.length === 0) return 'No seed has completed on both systems.';
  return missing.map((system) => whyNoRun(runs, system)).join(' ');
}

/** Why nothing ran on a system, in words. */
export function whyNoRun(runs: ClockRuns, system: System): string {
  const name = system === 'mesos' ? 'Mesos' : 'static partitions';
  const failed = runs.failed.filter((cell) => cell.provenance.scenario === system);
  const first = failed[0];
  if (first === undefined) return `No run on ${name} is part of this report.`;
  return `No run on ${name} completed. Seed ${first.provenance.seed} failed: ${first.reason}`;
}

/** Names of the frameworks of these cells, in order of first appearance. */
function frameworkNames(cells: readonly RunCell[]): readonly string[] {
  return [...new Set(cells.flatMap((cell) => cell.frameworks.map((framework) => framework.name)))];
}

function lastOf(cells: readonly RunCell[], system: System, seed: number): RunCell | null {
  return (
    cells.findLast((cell) => cell.provenance.scenario === system && cell.provenance.seed === seed) ?? null
  );
}
