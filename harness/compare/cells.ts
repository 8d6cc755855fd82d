/** The cells of two runs side by side: figure by figure. Those in virtual time must not differ in a bit. */
import type {
  ComparisonVerdict,
  ExactComparison,
  FigureComparison,
  TimedComparison,
  UnmatchedComparison,
} from '../comparison.ts';
import type { CellResult, CompletedCell, ReportData } from '../result.ts';
import { ALPHA } from '../statistics/spending.ts';
import { blamed, type Failure } from './failure.ts';
import { judge, percent, type TimedFigure } from './judge.ts';
import { differingParameter, unmatched, withoutRatio } from './matching.ts';

/** A scenario with its cells, in the order of their seeds. */
export interface ScenarioPair {
  /** E.g. `macro/mesos`; of another clock than virtual time that is named too. */
  readonly id: string;
  readonly base: readonly CellResult[];
  readonly head: readonly CellResult[];
}

/** A deterministic figure that differs by less than this part is told, and does not count. */
const EXACT_THRESHOLD = 0.005;

/** The figure that stands for a whole scenario: events of its histories, and whether anything differs. */
export const ALL_THAT_HAPPENED = 'all that happened';

/** A scenario that only one side has. */
export interface Unpaired {
  readonly id: string;
  readonly on: 'base' | 'head';
}

/** Pairs the scenarios of two reports, and says which have no partner. */
export function pairScenarios(
  base: ReportData,
  head: ReportData,
): { readonly pairs: readonly ScenarioPair[]; readonly unpaired: readonly Unpaired[] } {
  const [ofBase, ofHead] = [byScenario(base), byScenario(head)];
  const ids = [...new Set([...ofBase.keys(), ...ofHead.keys()])];
  const pairs = ids.flatMap((id): readonly ScenarioPair[] => {
    const [one, other] = [ofBase.get(id), ofHead.get(id)];
    return one === undefined || other === undefined ? [] : [{ id, base: one, head: other }];
  });
  const unpaired = ids
    .filter((id) => !pairs.some((pair) => pair.id === id))
    .map((id): Unpaired => ({ id, on: ofBase.has(id) ? 'base' : 'head' }));
  return { pairs, unpaired };
}

function byScenario({ experiments }: ReportData): ReadonlyMap<string, readonly CellResult[]> {
  const cells = experiments.flatMap((one) => one.cells);
  return Map.groupBy(cells, ({ provenance: { experiment, scenario, clock } }) =>
    [experiment, scenario, ...(clock === 'virtual' ? [] : [clock])].join('/'),
  );
}

/** Why the cells of a scenario must not be compared; undefined if they may be. */
export function objection({ id, base, head }: ScenarioPair): string | undefined {
  const [one, other] = [base[0]?.provenance, head[0]?.provenance];
  if (one === undefined || other === undefined) return `${id}: one side has no cells`;
  const parameter = differingParameter(one.parameters, other.parameters);
  if (parameter !== undefined) return `${id}: ${parameter}`;
  const seeds = (cells: readonly CellResult[]): string =>
    cells.map(({ provenance }) => provenance.seed).join(' ');
  if (seeds(base) !== seeds(head))
    return `${id}: the seeds are ${seeds(base)} on one side and ${seeds(head)} on the other`;
  if (one.clock === 'virtual') return undefined;
  const where = ({
    cpuModel,
    cores,
    memoryBytes,
  }: typeof one): Readonly<Record<string, string | number>> => ({ cpuModel, cores, memoryBytes });
  const place = differingParameter(where(one), where(other));
  return place && `${id}: the machines differ: ${place}`;
}

/** Is anything of a cell other than that of its partner? */
export function differs(base: CompletedCell, head: CompletedCell): boolean {
  const isHashed = unhashed(base, head).length === 0;
  const told = ({ values, curves, samples, harness, ...rest }: CompletedCell): string =>
    JSON.stringify([
      values,
      curves,
      samples,
      isHashed && harness.historySha256,
      harness.historyLines,
      'tasks' in rest && [rest.tasks, rest.offers, rest.makespanS],
    ]);
  return told(base) !== told(head);
}

/** The sides that have not left the hash of their histories: older versions did not, if they were not kept. */
function unhashed(base: CompletedCell, head: CompletedCell): readonly ('base' | 'head')[] {
  const isWithout = ({ harness }: CompletedCell): boolean =>
    harness.historySha256 === null && harness.historyLines > 0;
  return (['base', 'head'] as const).filter((side) => isWithout(side === 'base' ? base : head));
}

/** The figures of a scenario that may be compared. `difference` explains the first seed of which something differs. */
export function compareScenario(
  pair: ScenarioPair,
  difference: ExactComparison['firstDifference'],
): readonly FigureComparison[] {
  const [ofBase, ofHead] = [failureIn(pair.base), failureIn(pair.head)];
  if (ofBase !== undefined || ofHead !== undefined) return [blamed(pair.id, ofBase, ofHead)];
  const base = pair.base as readonly CompletedCell[];
  const head = pair.head as readonly CompletedCell[];
  return base[0]?.provenance.clock === 'virtual'
    ? exactFigures(pair.id, base, head, difference)
    : timedFigures(pair.id, base, head);
}

function failureIn(cells: readonly CellResult[]): Failure | undefined {
  const cell = cells.find((one) => one.state === 'failed');
  if (cell === undefined) return undefined;
  const cause = cell.cause === 'infrastructure' ? 'infrastructure' : 'failed';
  return { cause, why: `seed ${cell.provenance.seed}: ${cell.reason}` };
}

interface Figure {
  readonly name: string;
  readonly better: 'lower' | 'higher' | null;
}

/** What cells with a cluster have beside what their experiment measures: all of it costs something. */
function countsOf(cell: CompletedCell): Readonly<Record<string, number>> {
  if (cell.kind === 'values') return {};
  const { makespanS, tasks, offers } = cell;
  return {
    'makespan (s)': makespanS,
    'tasks that failed': tasks.failed,
    'tasks lost': tasks.lost,
    ...(offers && { 'offers sent': offers.sent, 'offers declined': offers.declined }),
  };
}

function valuesOf(cell: CompletedCell): ReadonlyMap<string, number> {
  return new Map([...Object.entries(countsOf(cell)), ...Object.entries(cell.values)]);
}

function figuresOf(cells: readonly CompletedCell[]): readonly Figure[] {
  const costs = new Set(cells.flatMap((cell) => Object.keys(countsOf(cell))));
  const names = new Set(cells.flatMap((cell) => [...valuesOf(cell).keys()]));
  return [...names].map((name) => ({ name, better: costs.has(name) ? 'lower' : null }));
}

/** The unit that a name ends with, e.g. `s` of `makespan (s)`. */
const unitOf = (name: string): string => /\(([^()]+)\)$/.exec(name)?.[1] ?? '';

function exactFigures(
  id: string,
  base: readonly CompletedCell[],
  head: readonly CompletedCell[],
  difference: ExactComparison['firstDifference'],
): readonly ExactComparison[] {
  const meanOf = (cells: readonly CompletedCell[], name: string): number | null => {
    const values = cells.flatMap((cell) => valuesOf(cell).get(name) ?? []);
    return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
  };
  const figures = figuresOf([...base, ...head]).map(({ name, better }): ExactComparison => {
    const isSame = base.every(
      (cell, n) => valuesOf(cell).get(name) === (head[n] && valuesOf(head[n]).get(name)),
    );
    const [one, other] = [meanOf(base, name), meanOf(head, name)];
    const [verdict, why] = isSame ? (['same', ''] as const) : exactVerdict(one, other, better);
    return {
      ...{ kind: 'exact', id: `${id}/${name}`, unit: unitOf(name), better, base: one, head: other },
      ...{ firstDifference: isSame ? null : difference, threshold: EXACT_THRESHOLD, verdict, why },
    };
  });
  const isSame = !base.some((cell, n) => differs(cell, head[n] as CompletedCell));
  const without = new Set(base.flatMap((cell, n) => unhashed(cell, head[n] as CompletedCell)));
  const asFar =
    without.size === 0
      ? ''
      : `as far as is known: of the ${[...without].join(' and the ')} no history was kept, and numbers alone are compared`;
  const lines = (cells: readonly CompletedCell[]): number =>
    cells.reduce((sum, { harness }) => sum + harness.historyLines, 0);
  return [
    ...figures,
    {
      kind: 'exact',
      id: `${id}/${ALL_THAT_HAPPENED}`,
      unit: 'events',
      better: null,
      base: lines(base),
      head: lines(head),
      firstDifference: isSame ? null : difference,
      threshold: EXACT_THRESHOLD,
      verdict: isSame ? 'same' : 'differs',
      why: isSame ? asFar : 'something else happened, or something was measured otherwise',
    },
  ];
}

function exactVerdict(
  base: number | null,
  head: number | null,
  better: Figure['better'],
): readonly [ComparisonVerdict, string] {
  if (base === null || head === null)
    return ['differs', `only the ${base === null ? 'head' : 'base'} has it`];
  if (base === head) return ['differs', 'the mean is the same, but not that of each seed'];
  const why = base === 0 ? `${head} in place of none` : percent(head / base);
  const counts = base === 0 || Math.abs(head / base - 1) >= EXACT_THRESHOLD;
  if (better === null || !counts) return ['differs', why];
  return [head > base === (better === 'lower') ? 'worse' : 'better', why];
}

/** Runs by the clock of the wall that were stored: paired by seed, but of different sessions. */
function timedFigures(
  id: string,
  base: readonly CompletedCell[],
  head: readonly CompletedCell[],
): readonly FigureComparison[] {
  const limitOf = (name: string): string | undefined =>
    [...base, ...head].flatMap(({ harness }) => harness.limited ?? harness.limitedValues?.[name] ?? [])[0];
  const valueIn = (cell: CompletedCell | undefined, name: string): readonly number[] =>
    (cell && [valuesOf(cell).get(name)].filter((value) => value !== undefined)) ?? [];
  const all = figuresOf([...base, ...head]).map(({ name, better }): TimedFigure => {
    const blocks = base.map((cell, n) => ({
      seed: cell.provenance.seed,
      base: valueIn(cell, name),
      head: valueIn(head[n], name),
      control: [],
    }));
    const look = { blocks: blocks.length, alpha: ALPHA };
    const frame = { id: `${id}/${name}`, unit: unitOf(name), better, threshold: REAL_THRESHOLD };
    return { ...frame, blocks, blocksPlanned: blocks.length, look, pace: null };
  });
  const without = all.flatMap((figure) => unratioed(figure) ?? []);
  const sound = all.filter((figure) => !without.some((one) => one.id === figure.id));
  const judged = judge(sound).map((figure): TimedComparison => {
    const why = limitOf(figure.id.slice(`${id}/`.length));
    return why === undefined ? figure : { ...figure, verdict: 'harness-limited', why };
  });
  return [...judged, ...without];
}

/** What is said of a figure that only one of the runs has, or that is 0 somewhere: it must not be dropped in silence. */
function unratioed({ id, blocks }: TimedFigure): UnmatchedComparison | undefined {
  const [isOnBase, isOnHead] = [
    blocks.some(({ base }) => base.length > 0),
    blocks.some(({ head }) => head.length > 0),
  ];
  return isOnBase && isOnHead ? withoutRatio(id, blocks) : unmatched(id, 'figure', isOnBase, isOnHead);
}

/** What counts of runs by the clock of the wall. */
const REAL_THRESHOLD = 0.1;
