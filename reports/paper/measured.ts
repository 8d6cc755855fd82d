/** Our own number for each claim of the paper, from the cells of an experiment, and the verdict. */

import type { Quantity } from '../../harness/quantity.ts';
import type {
  CellResult,
  ClaimResult,
  ClockKind,
  CompletedCell,
  Estimate,
  RunCell,
  Series,
} from '../../harness/result.ts';
import { clockRuns, fullPairs } from '../results/clockRuns.ts';
import { estimate, mean } from '../results/estimate.ts';
import { jobsOf, kindsOfJobs, sums } from '../results/jobTimes.ts';
import { completedOf, samplesOf, valuesBySeed } from '../results/scenarioValues.ts';
import type { PaperClaim } from './claim.ts';
import { judge } from './verdict.ts';

/** A number of ours and the cells that it is made of. */
interface Measured {
  readonly ours: Estimate | null;
  readonly cells: readonly CompletedCell[];
  /** The number by seed, where it is a value or made of two. */
  readonly bySeed?: readonly number[];
}

/** Measures every claim on the cells of its experiment and judges it, in the order of the claims. */
export function judgeClaims(
  claims: readonly PaperClaim[],
  cells: readonly CellResult[],
): readonly ClaimResult[] {
  return claims.map((claim) => {
    const clock = claim.clock ?? clockOf(claim.quantity, cells);
    const own = cells.filter((cell) => cell.provenance.clock === clock);
    const measured = measure(claim.quantity, clock, own);
    const ours = settled(claim, clock, measured);
    const { verdict, why } = judge(claim, ours, limitOf(measured, claim.quantity));
    return {
      id: claim.id,
      label: claim.label,
      claim: claim.claim,
      caveat: claim.caveat,
      quantity: claim.quantity,
      unit: claim.unit,
      paper: claim.value,
      tolerance: claim.tolerance,
      bound: claim.bound ?? null,
      where: claim.where,
      ours,
      clock,
      verdict,
      why: verdict === 'not run' ? whyNotRun(claim.quantity, own) : explained(claim, verdict, why),
    };
  });
}

/** The clock of the scenario that a quantity names; virtual time if that has no cell, or if it names none. */
function clockOf(quantity: Quantity, cells: readonly CellResult[]): ClockKind {
  const scenario = 'scenario' in quantity ? quantity.scenario : null;
  return cells.find((cell) => cell.provenance.scenario === scenario)?.provenance.clock ?? 'virtual';
}

/** Our number for a quantity, in the unit of its claim; null if these cells do not give it. */
function measure(quantity: Quantity, clock: ClockKind, cells: readonly CellResult[]): Measured {
  switch (quantity.of) {
    case 'value': {
      const bySeed = [...valuesBySeed(cells, quantity.scenario, quantity.value).values()];
      return { ours: estimate(bySeed), cells: completedOf(cells, quantity.scenario), bySeed };
    }
    case 'samples': {
      const own = completedOf(cells, quantity.scenario);
      return { ours: estimate(samplesOf(own, quantity.samples)), cells: own };
    }
    case 'ratio': {
      const { scenario, over, value, overValue = value } = quantity;
      return paired(cells, [scenario, value], [over, overValue], (one, other) => one / other);
    }
    case 'difference': {
      const { scenario, minus, value } = quantity;
      return paired(cells, [scenario, value], [minus, value], (one, other) => one - other);
    }
    case 'framework-speed-up':
    case 'job-speed-up':
    case 'utilisation-gain':
    case 'ramp-up':
      return measureSystems(quantity, clock, cells);
    default:
      return quantity satisfies never;
  }
}

/** A value of one scenario set against that of another with the same seed. */
function paired(
  cells: readonly CellResult[],
  one: readonly [scenario: string, value: string],
  other: readonly [scenario: string, value: string],
  compare: (one: number, other: number) => number,
): Measured {
  const others = valuesBySeed(cells, ...other);
  const compared = [...valuesBySeed(cells, ...one)].flatMap(([seed, value]) => {
    const beside = others.get(seed);
    return beside === undefined ? [] : compare(value, beside);
  });
  return {
    ours: estimate(compared),
    cells: [...completedOf(cells, one[0]), ...completedOf(cells, other[0])],
    bySeed: compared,
  };
}

/** A quantity of the runs of Mesos and static partitions. */
function measureSystems(
  quantity: Exclude<Quantity, { readonly scenario: string }>,
  clock: ClockKind,
  cells: readonly CellResult[],
): Measured {
  const runs = clockRuns(clock, { cells, claims: [] });
  const pairs = fullPairs(runs);
  const both = pairs.flatMap((pair) => [pair.mesos, pair.static]);
  switch (quantity.of) {
    case 'framework-speed-up':
      return { ours: sums(pairs, quantity.framework)?.speedUp ?? null, cells: both };
    case 'job-speed-up': {
      const kind = kindsOfJobs(pairs, quantity.framework).find(
        (one) => one.kind === quantity.kind && one.tasks === quantity.tasks,
      );
      return { ours: kind?.speedUp ?? null, cells: both };
    }
    case 'utilisation-gain': {
      const meanOf = (cell: RunCell) => meanOver(cell.utilisation[quantity.resource], quantity.windowS);
      return {
        ours: estimate(pairs.map((pair) => 100 * (meanOf(pair.mesos) - meanOf(pair.static)))),
        cells: both,
      };
    }
    case 'ramp-up': {
      const onMesos = runs.pairs.flatMap((pair) => pair.mesos ?? []);
      return {
        ours: estimate(onMesos.flatMap((cell) => meanWaitS(cell, quantity.framework) ?? [])),
        cells: onMesos,
      };
    }
    default:
      return quantity satisfies never;
  }
}

/** A value that does not depend on the seed is known from one run: its interval is the value itself. */
function settled(
  { deterministic = false }: PaperClaim,
  clock: ClockKind,
  { ours, bySeed = [] }: Measured,
): Estimate | null {
  const isSettled = deterministic && clock === 'virtual' && new Set(bySeed).size === 1;
  return ours === null || !isSettled ? ours : { ...ours, interval: [ours.value, ours.value] };
}

/** Why the harness was the bottleneck of any cell that a number is made of, or of that number alone; null if it was of none. */
function limitOf({ cells }: Measured, quantity: Quantity): string | null {
  const names =
    quantity.of === 'samples' ? [quantity.samples] : wantedOf(quantity).flatMap(([, value]) => value ?? []);
  return (
    cells
      .flatMap(({ harness: { limited, limitedValues } }) => [
        limited,
        ...names.map((name) => limitedValues?.[name]),
      ])
      .find((why) => why != null) ?? null
  );
}

function explained({ explanation }: PaperClaim, verdict: ClaimResult['verdict'], why: string): string {
  return explanation === undefined || verdict === 'reproduced' ? why : `${why} ${explanation}`;
}

/** Which scenario is missing, or gave no such value, and why. */
function whyNotRun(quantity: Quantity, cells: readonly CellResult[]): string {
  const wanted = wantedOf(quantity);
  for (const [scenario, value] of wanted) {
    const own = cells.filter((cell) => cell.provenance.scenario === scenario);
    const failed = own.find((cell) => cell.state === 'failed');
    const completed = completedOf(cells, scenario);
    if (own.length === 0) return `The scenario ${scenario} is not part of this report.`;
    if (completed.length === 0 && failed?.state === 'failed') return `It failed: ${failed.reason}`;
    if (value !== null && valuesBySeed(cells, scenario, value).size === 0)
      return `The runs of ${scenario} gave no ${value}.`;
  }
  return wanted.length > 1 ? 'No seed gave both numbers.' : 'These runs did not give the number.';
}

function wantedOf(quantity: Quantity): readonly (readonly [scenario: string, value: string | null])[] {
  switch (quantity.of) {
    case 'value':
      return [[quantity.scenario, quantity.value]];
    case 'samples':
      return [[quantity.scenario, null]];
    case 'ratio':
      return [
        [quantity.scenario, quantity.value],
        [quantity.over, quantity.overValue ?? quantity.value],
      ];
    case 'difference':
      return [
        [quantity.scenario, quantity.value],
        [quantity.minus, quantity.value],
      ];
    case 'ramp-up':
      return [['mesos', null]];
    case 'framework-speed-up':
    case 'job-speed-up':
    case 'utilisation-gain':
      return [
        ['mesos', null],
        ['static', null],
      ];
    default:
      return quantity satisfies never;
  }
}

/** Mean seconds from submission to start over the jobs that started; null if none did. */
function meanWaitS(cell: RunCell, framework: string): number | null {
  const waits = jobsOf(cell, framework).flatMap((job) =>
    job.startedS === null ? [] : job.startedS - job.submittedS,
  );
  return waits.length === 0 ? null : mean(waits);
}

/** Mean over the first `windowS` seconds; what the series does not reach counts as nothing. */
function meanOver({ stepS, values }: Series, windowS: number): number {
  const steps = Math.round(windowS / stepS);
  return values.slice(0, steps).reduce((sum, value) => sum + value, 0) / steps;
}
