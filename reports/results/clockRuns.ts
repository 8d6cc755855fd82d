/** The cells of one clock, sorted for drawing: which ran, which did not, and which belong together. */
import type {
  CellResult,
  ClaimResult,
  ClockKind,
  CompletedCell,
  FailedCell,
  System,
} from '../../harness/result.ts';

/** Mesos and static partitions with the same seed: the same jobs, so that single jobs can be compared. */
export interface Pair {
  readonly seed: number;
  readonly mesos: CompletedCell | null;
  readonly static: CompletedCell | null;
}

/** A pair of which both halves ran. */
export interface FullPair extends Pair {
  readonly mesos: CompletedCell;
  readonly static: CompletedCell;
}

/** All cells of one clock. */
export interface ClockRuns {
  readonly clock: ClockKind;
  /**
   * Id of the experiment whose numbers in the paper belong beside these; null if they must not be compared.
   */
  readonly paper: string | null;
  readonly cells: readonly CellResult[];
  readonly completed: readonly CompletedCell[];
  readonly failed: readonly FailedCell[];
  /** By seed, ascending. */
  readonly pairs: readonly Pair[];
  /** The pair that plots over time show: the first full one, else the first with anything, else null. */
  readonly shown: Pair | null;
  /** Names of the frameworks on this clock, in order of first appearance. */
  readonly frameworks: readonly string[];
  /** Names of the frameworks on all clocks: their order gives the colours. */
  readonly everyFramework: readonly string[];
}

/**
 * Sorts out the cells of one clock. Of two completed cells with the same system and seed the later one
 * counts.
 * @param compared whether the paper's numbers belong beside these
 */
export function clockRuns(clock: ClockKind, cells: readonly CellResult[], compared = true): ClockRuns {
  const own = cells.filter((cell) => cell.provenance.clock === clock);
  const completed = own.filter((cell) => cell.state === 'completed');
  const failed = own.filter((cell) => cell.state === 'failed');
  const seeds = [...new Set(own.map((cell) => cell.provenance.seed))].sort((a, b) => a - b);
  const pairs = seeds.map((seed) => ({
    seed,
    mesos: lastOf(completed, 'mesos', seed),
    static: lastOf(completed, 'static', seed),
  }));
  return {
    clock,
    paper: compared ? (own[0]?.provenance.experiment ?? null) : null,
    cells: own,
    completed,
    failed,
    pairs,
    shown: pairs.find(isFull) ?? pairs.find((pair) => pair.mesos !== null || pair.static !== null) ?? null,
    frameworks: frameworkNames(completed),
    everyFramework: frameworkNames(cells.filter((cell) => cell.state === 'completed')),
  };
}

/** Both halves ran. */
export function isFull(pair: Pair): pair is FullPair {
  return pair.mesos !== null && pair.static !== null;
}

/** The pairs of which both halves ran. */
export function fullPairs(runs: ClockRuns): readonly FullPair[] {
  return runs.pairs.filter(isFull);
}

/** Why there is no pair of runs to compare, in words; null if there is one. */
export function whyNoPair(runs: ClockRuns): string | null {
  if (fullPairs(runs).length > 0) return null;
  if (runs.cells.length === 0) return 'No run was planned for this clock.';
  const missing = (['mesos', 'static'] as const).filter(
    (system) => !runs.completed.some((cell) => cell.provenance.system === system),
  );
  if (missing.length === 0) return 'No seed has completed on both systems.';
  return missing.map((system) => whyNoRun(runs, system)).join(' ');
}

/** Why nothing ran on a system, in words. */
export function whyNoRun(runs: ClockRuns, system: System): string {
  const name = system === 'mesos' ? 'Mesos' : 'static partitions';
  const failed = runs.failed.filter((cell) => cell.provenance.system === system);
  const first = failed[0];
  if (first === undefined) return `No run on ${name} is part of this report.`;
  return `No run on ${name} completed. Seed ${first.provenance.seed} failed: ${first.reason}`;
}

/** Names of the frameworks of these cells, in order of first appearance. */
export function frameworkNames(cells: readonly CompletedCell[]): readonly string[] {
  return [...new Set(cells.flatMap((cell) => cell.frameworks.map((framework) => framework.name)))];
}

function lastOf(cells: readonly CompletedCell[], system: System, seed: number): CompletedCell | null {
  return cells.findLast((cell) => cell.provenance.system === system && cell.provenance.seed === seed) ?? null;
}

/** Whether a report holds claims of the paper about this clock. */
export function isCompared(clock: ClockKind, claims: readonly ClaimResult[]): boolean {
  return claims.some((claim) => claim.clock === clock);
}
