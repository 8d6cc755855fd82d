/** The runs of the recovery by scenario, and the names of what they measured. */
import type { ClockKind, CompletedCell, ExperimentResult } from '../../../harness/result.ts';
import { estimate } from '../../results/estimate.ts';
import { CLOCKS, count } from '../../words.ts';

/** The paper's MTTR, in all cases. */
export const PAPER = { from: 4, to: 8, label: 'paper, §6.6: 4 to 8 s' };

// Values, as they are measured.
export const MTTR = 'MTTR (s)';
export const DETECTED = 'detected (s)';
export const ELECTED = 'elected (s)';
export const AFTER_ELECTION = 'election to all back (s)';
export const LAUNCHES = 'launches (1/s)';

// Parameters by which scenarios are told apart.
export const SLAVES = 'slaves';
export const TIMEOUT = 'session timeout (s)';
export const BACKOFF = 'registration back-off (s)';

/** How each clock is called after the size of a cluster. */
export const CLOCK: Readonly<Record<ClockKind, string>> = {
  virtual: 'in virtual time',
  emulated: 'emulated',
  real: 'with real processes',
};

/** The cells of one scenario. */
export interface Runs {
  readonly id: string;
  readonly clock: ClockKind;
  readonly cells: readonly CompletedCell[];
  /** The value of one of its parameters; NaN if it has no such number. */
  parameter(name: string): number;
  /** A value of each run that has it; of each kill, where a run had several. */
  values(name: string): readonly number[];
}

/** All scenarios that have runs. */
export function runsOf({ cells }: ExperimentResult): readonly Runs[] {
  const completed = cells.filter((cell): cell is CompletedCell => cell.state === 'completed');
  return [...Map.groupBy(completed, ({ provenance }) => provenance.scenario)].map(([id, own]) => {
    const [{ provenance }] = own as [CompletedCell];
    return {
      id,
      clock: provenance.clock,
      cells: own,
      parameter: (name) => Number(provenance.parameters[name] ?? Number.NaN),
      values: (name) => own.flatMap(({ samples, values }) => samples?.[name] ?? values[name] ?? []),
    };
  });
}

/** By clock, those that have any. */
export const byClock = (runs: readonly Runs[]): readonly (readonly [ClockKind, readonly Runs[]])[] =>
  CLOCKS.map((clock) => [clock, runs.filter((one) => one.clock === clock)] as const).filter(
    ([, own]) => own.length > 0,
  );

/** NaN if there is none. */
export const medianOf = (runs: Runs | undefined, name: string): number =>
  estimate(runs?.values(name) ?? [])?.value ?? Number.NaN;

/** E.g. `62 slaves`. */
export const slavesOf = (runs: Runs): string => count(runs.parameter(SLAVES), 'slave');

/** By what the loss of a master is noticed. */
export function sessionsOf(runs: Runs): string {
  const timeoutS = runs.parameter(TIMEOUT);
  return timeoutS > 0 ? `sessions of ${timeoutS} s` : 'a lock on a file, which is released at once';
}
