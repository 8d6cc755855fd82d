/** Every claim at a glance: our number over the paper's, for all experiments and for one. */
import type { ClaimResult, ExperimentResult, Verdict } from '../../harness/result.ts';
import { count, intervalName } from '../words.ts';
import {
  type Column,
  type Dataset,
  type Figure,
  type KeyEntry,
  type Panel,
  rounded,
  type Value,
} from './figure.ts';
import { ratioTicks } from './ratioTicks.ts';
import { brokenNames, COLOUR, nameRoom } from './theme.ts';

/** Where the axis ends at the latest, as a factor on both sides of the paper's value; what lies beyond is drawn at its end. */
const FACTOR_MAX = 16;

/** The least room on both sides. */
const FACTOR_MIN = 1.5;

/** The longest name of a row, in pixels. */
const NAME_PX = 140;

/** The most room for names of claims, in pixels, and as a part of the chart. */
const NAMES_PX = 290;
const NAMES_PART = 0.5;

/** Height of a row with a claim: its name may have two lines. */
const ROW_PX = 27;

/** Shapes of the marks: not told by colour alone. */
const SHAPES: Readonly<Record<Verdict, string>> = {
  reproduced: 'circle',
  'same direction': 'triangle-up',
  deviates: 'cross',
  inconclusive: 'square',
  'harness-limited': 'triangle-down',
  'not run': 'stroke',
};

/** The same shapes in the key. */
const SIGNS: Readonly<Record<Verdict, KeyEntry['mark']>> = {
  reproduced: 'dot',
  'same direction': 'triangle',
  deviates: 'cross',
  inconclusive: 'square',
  'harness-limited': 'nabla',
  'not run': 'line',
};

/** All verdicts, best first. */
const VERDICTS = Object.keys(SHAPES) as readonly Verdict[];

type Compared = Pick<ExperimentResult, 'experiment' | 'claims'>;

/** A mark for every claim with a number of ours that has a ratio to the paper's, an experiment a row. */
export function claimsFigure(experiments: readonly Compared[]): Figure {
  const id = 'claims';
  const title = 'Our numbers over the paper’s: each mark is a claim, the paper’s stand at 1';
  const drawn = experiments.flatMap(({ experiment, claims }) =>
    claims.filter(hasRatio).map((claim) => ({ experiment, claim })),
  );
  if (drawn.length === 0)
    return { state: 'empty', id, title, reason: 'No claim of this report has a number of ours to draw.' };
  const factor = widest(drawn.map(({ claim }) => claim));
  const rows = drawn.map(({ experiment, claim }): readonly Value[] => [
    experiment.id,
    ...rowOf(claim, factor),
  ]);
  const columns = [{ field: 'experiment', title: 'experiment' }, ...COLUMNS];
  const dataset: Dataset = { name: 'claims', title: count(rows.length, 'claim'), columns, rows };
  const ids = [...new Set(drawn.map(({ experiment }) => experiment.id))];
  const verdicts = [...new Set(drawn.map(({ claim }) => claim.verdict))];
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [
      {
        title: '',
        alt: `Our numbers over the paper’s on a logarithmic axis, a row for each of ${count(ids.length, 'experiment')}, ${count(rows.length, 'mark')} in all. The table below names them.`,
        spec: {
          data: { name: dataset.name },
          width: 'container',
          height: ids.length * 26,
          layer: [
            oneLayer(factor, true),
            {
              mark: { type: 'point', filled: true, size: 62, opacity: 0.85 },
              encoding: {
                x: ratioAxis(factor, true)('ratio'),
                y: {
                  ...rowAxis('experiment', ids),
                  sort: ids,
                  axis: { labelLimit: NAME_PX, minExtent: roomFor(ids) },
                },
                ...MARKS,
              },
            },
          ],
        },
      },
    ],
    key: verdictKey(verdicts),
    datasets: [dataset],
    notes: [
      ...leftOut(
        experiments.flatMap(({ claims }) => claims),
        drawn.length,
      ),
      ...valuesBeyond(
        drawn.map(({ claim }) => claim),
        factor,
      ),
    ],
  };
}

/** The claims of one experiment, a row each, with intervals and what the paper's tolerance is; null if none can be drawn. */
export function experimentClaimsFigure({ claims }: Compared): Figure | null {
  const drawn = claims.filter(hasRatio);
  if (drawn.length === 0) return null;
  const factor = widest(drawn);
  const dataset: Dataset = {
    name: 'against-paper',
    title: 'Claims of the paper and our numbers',
    columns: COLUMNS,
    rows: drawn.map((claim) => rowOf(claim, factor)),
  };
  return {
    state: 'drawn',
    id: 'against-paper',
    title: 'Our numbers over the paper’s: the paper’s stand at 1, grey is the tolerance',
    layout: 'rows',
    panels: [panel(drawn, dataset, factor)],
    key: [
      { mark: 'hollow', colour: COLOUR.paper, label: 'paper' },
      ...verdictKey([...new Set(drawn.map(({ verdict }) => verdict))]),
      ...(drawn.some(({ ours }) => ours?.interval != null)
        ? [
            {
              mark: 'whisker' as const,
              colour: COLOUR.ink,
              label: intervalName(drawn.map(({ ours }) => ours)),
            },
          ]
        : []),
    ],
    datasets: [dataset],
    notes: [
      ...leftOut(claims, drawn.length),
      ...valuesBeyond(drawn, factor),
      ...intervalsBeyond(drawn, factor),
    ],
  };
}

function verdictKey(verdicts: readonly Verdict[]): readonly KeyEntry[] {
  return VERDICTS.filter((verdict) => verdicts.includes(verdict)).map((verdict) => ({
    mark: SIGNS[verdict],
    colour: colourOf(verdict),
    label: `ours: ${verdict}`,
  }));
}

function leftOut(claims: readonly ClaimResult[], drawn: number): readonly string[] {
  const n = claims.length - drawn;
  if (n === 0) return [];
  return [`${count(n, 'claim')} without a number of ours, or without a ratio to the paper’s: see the table.`];
}

/** Says how many numbers the axis has no room for. */
function valuesBeyond(claims: readonly ClaimResult[], factor: number): readonly string[] {
  const ratios = claims.flatMap(({ ours, paper }) => (ours === null ? [] : ours.value / paper));
  const n = ratios.filter((ratio) => Math.max(ratio, 1 / ratio) > factor).length;
  return n === 0 ? [] : [`${count(n, 'claim')} beyond the axis, drawn at its end: see the table.`];
}

/** Says how many intervals it has no room for: one that goes below nought has no place on a logarithmic axis. */
function intervalsBeyond(claims: readonly ClaimResult[], factor: number): readonly string[] {
  const n = claims.filter(({ ours, paper }) =>
    (ours?.interval ?? []).some((end) => end <= 0 || Math.max(end / paper, paper / end) > factor),
  ).length;
  return n === 0 ? [] : [`${count(n, 'interval')} beyond the axis, drawn to its end: see the table.`];
}

function hasRatio({ ours, paper }: ClaimResult): boolean {
  return ours !== null && paper > 0 && ours.value > 0;
}

/** How far the axis goes on both sides of the paper's value. Bounds may be kept by far, so they do not count. */
function widest(claims: readonly ClaimResult[]): number {
  const numbers = claims.filter(({ bound }) => bound === null);
  const factors = numbers.flatMap(({ ours, paper }) =>
    [ours?.value ?? paper, ...(ours?.interval ?? [])]
      .filter((value) => value > 0)
      .map((value) => Math.max(value / paper, paper / value)),
  );
  return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, ...factors) * 1.08);
}

const COLUMNS: readonly Column[] = [
  { field: 'label', title: 'claim' },
  { field: 'clock', title: 'clock' },
  { field: 'unit', title: 'unit' },
  { field: 'paper', title: 'paper' },
  { field: 'ours', title: 'ours' },
  { field: 'low', title: 'interval from' },
  { field: 'high', title: 'interval to' },
  { field: 'verdict', title: 'verdict' },
  { field: 'ratio', title: 'drawn at (ours ÷ paper)' },
  { field: 'ratioLow', title: 'interval drawn from' },
  { field: 'ratioHigh', title: 'interval drawn to' },
  { field: 'nearLow', title: 'tolerance drawn from' },
  { field: 'nearHigh', title: 'tolerance drawn to' },
];

/** A claim as a row of {@link COLUMNS}; what lies beyond the axis is drawn at its end. */
function rowOf(claim: ClaimResult, factor: number): readonly Value[] {
  const inside = (value: number) => rounded(Math.min(factor, Math.max(1 / factor, value)));
  const { ours, paper, tolerance, bound } = claim;
  const [low, high] = ours?.interval ?? [null, null];
  return [
    claim.label,
    claim.clock,
    claim.unit,
    paper,
    ours === null ? null : rounded(ours.value),
    low === null ? null : rounded(low),
    high === null ? null : rounded(high),
    claim.verdict,
    ours === null ? null : inside(ours.value / paper),
    low === null ? null : inside(low / paper),
    high === null ? null : inside(high / paper),
    bound === 'at-most' ? inside(0) : inside((paper - tolerance) / paper),
    bound === 'at-least' ? inside(Infinity) : inside((paper + tolerance) / paper),
  ];
}

/** The logarithmic axis of ratios, and a field on it. */
function ratioAxis(factor: number, hasTitle: boolean) {
  const domain = [1 / factor, factor] as const;
  return (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: hasTitle ? 'ours ÷ paper (log)' : null,
    scale: { type: 'log' as const, domain: [...domain], nice: false },
    axis: { format: '~g', grid: true, values: ratioTicks(domain) },
  });
}

/** Room for names of rows, in pixels: what Vega takes where it cannot measure text, so that a picture has its marks where the chart has them. */
function roomFor(names: readonly string[]): number {
  const letters = Math.max(...names.map((name) => name.length));
  return Math.min(NAME_PX, letters * 9.2) + 5;
}

function rowAxis(field: string, names: readonly string[]) {
  return {
    field,
    type: 'nominal' as const,
    title: null,
    sort: null,
    axis: { ...nameRoom(NAMES_PX, 210, NAMES_PART), ...brokenNames(names, NAMES_PX, NAMES_PART) },
  };
}

function oneLayer(factor: number, hasTitle: boolean) {
  return {
    data: { values: [{ one: 1 }] },
    mark: { type: 'rule' as const, color: COLOUR.ink, strokeWidth: 1.2 },
    encoding: { x: ratioAxis(factor, hasTitle)('one') },
  };
}

/** Colour, shape and tooltip of a mark of ours. */
const MARKS = {
  color: verdictScale(VERDICTS.map(colourOf)),
  shape: verdictScale(VERDICTS.map((one) => SHAPES[one])),
  tooltip: [
    { field: 'label', title: 'claim' },
    { field: 'unit', title: 'unit' },
    { field: 'paper', type: 'quantitative' as const, title: 'paper' },
    { field: 'ours', type: 'quantitative' as const, title: 'ours' },
    { field: 'verdict', title: 'verdict' },
  ],
};

function verdictScale(range: readonly string[]) {
  return {
    field: 'verdict',
    type: 'nominal' as const,
    legend: null,
    scale: { domain: [...VERDICTS], range: [...range] },
  };
}

function colourOf(verdict: Verdict): string {
  return `var(--${verdict.replaceAll(' ', '-')})`;
}

function panel(claims: readonly ClaimResult[], dataset: Dataset, factor: number): Panel {
  const x = ratioAxis(factor, true);
  const y = rowAxis(
    'label',
    claims.map(({ label }) => label),
  );
  return {
    title: '',
    alt: `Our number over the paper’s on a logarithmic axis, ${count(claims.length, 'claim')}: ${claims.map((claim) => `${claim.label} ${((claim.ours?.value ?? 0) / claim.paper).toFixed(2)}, ${claim.verdict}`).join('; ')}.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: claims.length * ROW_PX,
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 12, color: COLOUR.shade, strokeCap: 'butt' },
          encoding: { x: x('nearLow'), x2: { field: 'nearHigh' }, y },
        },
        oneLayer(factor, true),
        {
          transform: [{ calculate: '1', as: 'one' }],
          mark: {
            type: 'point',
            shape: 'diamond',
            size: 80,
            stroke: COLOUR.paper,
            fill: 'transparent',
            strokeWidth: 1.6,
            opacity: 1,
          },
          encoding: { x: x('one'), y },
        },
        {
          mark: { type: 'rule', strokeWidth: 2.5 },
          encoding: { x: x('ratioLow'), x2: { field: 'ratioHigh' }, y, color: MARKS.color },
        },
        {
          mark: { type: 'point', filled: true, size: 70, opacity: 1 },
          encoding: { x: x('ratio'), y, ...MARKS },
        },
      ],
    },
  };
}
