/** Two reports, curve by curve and value by value. */
import type { CellResult, CompletedCell, Curve, ReportData, Series } from '../../harness/result.ts';
import { estimate } from './estimate.ts';

/** Both sides of a curve of one scenario, each of its first seed. */
export interface PairedCurve {
  readonly experiment: string;
  readonly scenario: string;
  readonly name: string;
  readonly base: Curve;
  readonly head: Curve;
}

/** Both sides of a value of one scenario: medians over the seeds. */
export interface PairedValue {
  readonly experiment: string;
  readonly scenario: string;
  readonly name: string;
  readonly base: number;
  readonly head: number;
}

/** Curves that both reports have. */
export function pairedCurves(base: ReportData, head: ReportData): readonly PairedCurve[] {
  return pairedScenarios(base, head).flatMap(({ experiment, scenario, ofBase, ofHead }) => {
    const [first, second] = [curvesOf(ofBase[0]), curvesOf(ofHead[0])];
    return Object.entries(first).flatMap(([name, curve]) => {
      const other = second[name];
      return other === undefined || curve.x.length === 0
        ? []
        : [{ experiment, scenario, name, base: curve, head: other }];
    });
  });
}

/** Is not a point of it other on the head? */
export function isSameCurve({ base, head }: PairedCurve): boolean {
  return JSON.stringify(base) === JSON.stringify(head);
}

/** Values that both reports have. */
export function pairedValues(base: ReportData, head: ReportData): readonly PairedValue[] {
  return pairedScenarios(base, head).flatMap(({ experiment, scenario, ofBase, ofHead }) => {
    const [first, second] = [valuesOf(ofBase), valuesOf(ofHead)];
    return [...first].flatMap(([name, value]) => {
      const other = second.get(name);
      return other === undefined ? [] : [{ experiment, scenario, name, base: value, head: other }];
    });
  });
}

interface PairedScenario {
  readonly experiment: string;
  readonly scenario: string;
  readonly ofBase: readonly [CompletedCell, ...CompletedCell[]];
  readonly ofHead: readonly [CompletedCell, ...CompletedCell[]];
}

function pairedScenarios(base: ReportData, head: ReportData): readonly PairedScenario[] {
  const others = scenariosOf(head);
  return [...scenariosOf(base)].flatMap(([key, ofBase]) => {
    const ofHead = others.get(key);
    const [first] = ofBase;
    if (ofHead === undefined || first === undefined) return [];
    const { experiment, clock, label } = first.provenance;
    const scenario = `${label} (${clock})`;
    return [{ experiment, scenario, ofBase, ofHead } as PairedScenario];
  });
}

function scenariosOf({ experiments }: ReportData): ReadonlyMap<string, readonly CompletedCell[]> {
  const cells = experiments.flatMap((one) => one.cells).filter(isCompleted);
  return Map.groupBy(cells, ({ provenance: { experiment, clock, scenario } }) =>
    JSON.stringify([experiment, clock, scenario]),
  );
}

const isCompleted = (cell: CellResult): cell is CompletedCell => cell.state === 'completed';

function curvesOf(cell: CompletedCell): Readonly<Record<string, Curve>> {
  if (cell.kind === 'values') return cell.curves;
  return {
    ...cell.curves,
    'CPUs that tasks held (part)': curveOf(cell.utilisation.cpus),
    ...Object.fromEntries(
      cell.frameworks.map(({ name, share }) => [`share of ${name} (part)`, curveOf(share)]),
    ),
  };
}

const curveOf = ({ stepS, values }: Series): Curve => ({
  x: values.map((_, n) => n * stepS),
  y: values,
});

function valuesOf(cells: readonly CompletedCell[]): ReadonlyMap<string, number> {
  const all = Map.groupBy(
    cells.flatMap(({ values }) => Object.entries(values)),
    ([name]) => name,
  );
  return new Map(
    [...all].flatMap(([name, entries]) => {
      // What is not a number is null in a file.
      const found = estimate(entries.map(([, value]) => value).filter(Number.isFinite));
      return found === null ? [] : [[name, found.value]];
    }),
  );
}
