/** One figure by commit: values with their intervals, the levels between changes, and where these are. */
import type { Trend, TrendPoint } from '../../harness/records/trend.ts';
import { machineNames } from '../results/machineName.ts';
import { count, figures } from '../words.ts';
import type { Dataset, DrawnFigure, KeyEntry, Panel, Value } from './figure.ts';
import { rounded } from './figure.ts';
import { COLOUR } from './theme.ts';

/** Height of one small chart, in pixels. */
const CHART_PX = 120;

/** Colours of changes; each has a shape of its own too. */
const CHANGE_COLOUR = {
  better: 'var(--reproduced)',
  worse: 'var(--deviates)',
  changed: 'var(--quiet)',
} as const;

const KEY: readonly KeyEntry[] = [
  { mark: 'line', colour: COLOUR.ink, label: 'level between changes' },
  { mark: 'nabla', colour: CHANGE_COLOUR.worse, label: 'change for the worse' },
  { mark: 'triangle', colour: CHANGE_COLOUR.better, label: 'change for the better' },
  { mark: 'cross', colour: CHANGE_COLOUR.changed, label: 'change, neither good nor bad' },
];

function keyOf(trends: readonly Trend[]): readonly KeyEntry[] {
  const label = trends.some(hasInterval) ? 'one commit, with its interval' : 'one commit';
  return [{ mark: 'dot', colour: COLOUR.mesos, label }, ...KEY];
}

const hasInterval = ({ points }: Trend): boolean => points.some(({ interval }) => interval !== null);

/** Small charts of several figures. There must be at least one. `linkOf`: where a commit can be read; null if nowhere. */
export function trendFigure(
  id: string,
  title: string,
  trends: readonly Trend[],
  linkOf: (commit: string) => string | null,
): DrawnFigure {
  const nameOf = machineNames(trends);
  const machines = new Set(trends.map(({ machineClass }) => machineClass)).size;
  const parts = trends.map((trend, n) => {
    const datasets = datasetsOf(
      `${id}-${n}`,
      machines > 1 ? `${trend.metric} on ${nameOf(trend)}` : trend.metric,
      trend,
      linkOf,
    );
    return {
      panel: panelOf(trend, nameOf(trend), datasets),
      datasets: Object.values(datasets).filter(({ rows }) => rows.length > 0),
    };
  });
  return {
    state: 'drawn',
    id,
    title,
    layout: 'grid',
    panels: parts.map(({ panel }) => panel),
    key: keyOf(trends).filter(({ mark }) => parts.some((_, n) => isUsed(mark, trends[n] as Trend))),
    datasets: parts.flatMap(({ datasets }) => datasets),
    notes: trends.flatMap(({ metric, earlier }) =>
      earlier === 0 ? [] : [`${metric}: ${count(earlier, 'earlier commit')} left out; the latest are shown.`],
    ),
  };
}

function isUsed(mark: KeyEntry['mark'], { changes }: Trend): boolean {
  if (mark === 'nabla') return changes.some(({ verdict }) => verdict === 'worse');
  if (mark === 'triangle') return changes.some(({ verdict }) => verdict === 'better');
  if (mark === 'cross') return changes.some(({ verdict }) => verdict === 'changed');
  return true;
}

type Datasets = Readonly<Record<'points' | 'levels' | 'changes', Dataset>>;

function datasetsOf(
  name: string,
  what: string,
  trend: Trend,
  linkOf: (commit: string) => string | null,
): Datasets {
  const { unit, points, changes } = trend;
  const value = `value (${unit})`;
  return {
    points: {
      name,
      title: `${what} by commit`,
      columns: [
        { field: 'n', title: 'place' },
        { field: 'commit', title: 'commit' },
        { field: 'subject', title: 'message' },
        { field: 'at', title: 'committed' },
        { field: 'value', title: value },
        { field: 'low', title: 'from' },
        { field: 'high', title: 'to' },
        { field: 'runs', title: 'runs' },
        { field: 'link', title: 'link' },
      ],
      rows: points.map((point, n) => rowOf(point, n, linkOf)),
    },
    levels: {
      name: `${name}-levels`,
      title: `Levels of ${what}`,
      columns: [
        { field: 'from', title: 'from place' },
        { field: 'to', title: 'to place' },
        { field: 'level', title: `mean (${unit})` },
      ],
      rows: levelsOf(trend).map(({ from, to, level }) => [from - 0.5, to - 0.5, rounded(level)]),
    },
    changes: {
      name: `${name}-changes`,
      title: `Changes of ${what}`,
      columns: [
        { field: 'at', title: 'between places' },
        { field: 'verdict', title: 'change' },
        { field: 'before', title: `before (${unit})` },
        { field: 'after', title: `after (${unit})` },
        { field: 'top', title: 'mark' },
      ],
      rows: changes.map(({ index, verdict, before, after }) => [
        index - 0.5,
        verdict,
        rounded(before),
        rounded(after),
        rounded(Math.max(before, after)),
      ]),
    },
  };
}

function rowOf(
  { commit, subject, committedAt, value, interval, n: runs }: TrendPoint,
  n: number,
  linkOf: (commit: string) => string | null,
): readonly Value[] {
  const bounds = interval === null ? [null, null] : interval.map(rounded);
  return [n, commit.slice(0, 12), subject, committedAt, rounded(value), ...bounds, runs, linkOf(commit)];
}

/** Means of the stretches between changes. */
function levelsOf({
  points,
  changes,
}: Trend): readonly { readonly from: number; readonly to: number; readonly level: number }[] {
  const cuts = [0, ...changes.map(({ index }) => index), points.length];
  return cuts.slice(0, -1).map((from, n) => {
    const to = cuts[n + 1] as number;
    const values = points.slice(from, to).map(({ value }) => value);
    return { from, to, level: values.reduce((sum, value) => sum + value, 0) / values.length };
  });
}

function panelOf(trend: Trend, on: string, { points, levels, changes }: Datasets): Panel {
  const { metric, unit } = trend;
  const x = {
    type: 'quantitative' as const,
    title: null,
    scale: { domain: [-0.5, trend.points.length - 0.5], nice: false },
    axis: { labels: false, ticks: false },
  };
  const y = {
    type: 'quantitative' as const,
    title: unit,
    scale: { zero: false },
    axis: { format: '~s', tickCount: 4 },
  };
  const tooltip = ['commit', 'subject', 'at', 'value', 'low', 'high', 'runs'].map((field) => ({
    field,
    title: points.columns.find((column) => column.field === field)?.title ?? field,
  }));
  const color = {
    field: 'verdict',
    type: 'nominal' as const,
    scale: { domain: Object.keys(CHANGE_COLOUR), range: Object.values(CHANGE_COLOUR) },
    legend: null,
  };
  const shape = {
    field: 'verdict',
    type: 'nominal' as const,
    scale: { domain: Object.keys(CHANGE_COLOUR), range: ['triangle-up', 'triangle-down', 'cross'] },
    legend: null,
  };
  /** Only where there is a change. */
  const marked = (layer: object) =>
    changes.rows.length === 0 ? [] : [{ data: { name: changes.name }, ...layer }];
  const spec = {
    width: 'container',
    height: CHART_PX,
    layer: [
      ...marked({
        mark: { type: 'rule', strokeDash: [3, 3] },
        encoding: { x: { field: 'at', ...x }, color },
      }),
      {
        data: { name: levels.name },
        mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.2 },
        encoding: { x: { field: 'from', ...x }, x2: { field: 'to' }, y: { field: 'level', ...y } },
      },
      ...(hasInterval(trend)
        ? [
            {
              data: { name: points.name },
              transform: [{ filter: 'isValid(datum.low)' }],
              mark: { type: 'rule', color: COLOUR.mesos, opacity: 0.5 },
              encoding: { x: { field: 'n', ...x }, y: { field: 'low', ...y }, y2: { field: 'high' } },
            },
          ]
        : []),
      {
        data: { name: points.name },
        mark: { type: 'point', filled: true, size: 34, color: COLOUR.mesos },
        encoding: { x: { field: 'n', ...x }, y: { field: 'value', ...y }, tooltip, href: { field: 'link' } },
      },
      ...marked({
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: { x: { field: 'at', ...x }, y: { field: 'top', ...y }, color, shape },
      }),
    ],
  };
  return {
    title: `${metric}, ${on}`,
    alt: altOf(trend),
    spec: spec as Panel['spec'],
  };
}

function altOf({ metric, unit, points, changes }: Trend): string {
  const [first, last] = [points[0], points.at(-1)];
  const span =
    first === undefined || last === undefined
      ? 'no commit'
      : `${count(points.length, 'commit')}, from ${figures(first.value)} to ${figures(last.value)} ${unit}`;
  return `${metric}: ${span}; ${count(changes.length, 'change')} of level.`;
}
