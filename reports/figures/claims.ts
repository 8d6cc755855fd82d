/** Every claim at a glance: our number over the paper's, experiment by experiment. */
import type { ClaimResult, ExperimentResult, Verdict } from '../../harness/result.ts';
import { count } from '../words.ts';
import { type Dataset, type Figure, type Panel, rounded, type Value } from './figure.ts';
import { ratioTicks } from './ratioTicks.ts';
import { COLOUR } from './theme.ts';

/** Where the axis ends at the latest, as a factor on both sides of the paper's value; what lies beyond is drawn at its end. */
const FACTOR_MAX = 16;

/** The least room on both sides. */
const FACTOR_MIN = 1.5;

/** Shapes of the marks: not told by colour alone. */
const SHAPES: Readonly<Record<Verdict, string>> = {
  reproduced: 'circle',
  'same direction': 'triangle-up',
  deviates: 'cross',
  inconclusive: 'square',
  'harness-limited': 'triangle-down',
  'not run': 'stroke',
};

type Compared = Pick<ExperimentResult, 'experiment' | 'claims'>;

/** Draws all claims with a number of ours that has a ratio to the paper's: both above 0. The others stand in the table only. */
export function claimsFigure(experiments: readonly Compared[]): Figure {
  const id = 'claims';
  const title = 'Our numbers over the paper’s: the paper’s stand at 1, grey is the tolerance';
  const groups = experiments
    .map(({ experiment, claims }) => ({ experiment, claims: claims.filter(hasRatio) }))
    .filter(({ claims }) => claims.length > 0);
  if (groups.length === 0)
    return { state: 'empty', id, title, reason: 'No claim of this report has a number of ours to draw.' };
  const drawn = groups.flatMap(({ claims }) => claims);
  const factor = widest(drawn);
  const datasets = groups.map(({ experiment, claims }) => datasetOf(experiment, claims, factor));
  const all = experiments.reduce((sum, { claims }) => sum + claims.length, 0);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: groups.map(({ experiment, claims }, index) =>
      panel(experiment.title, claims, datasets[index] as Dataset, factor, index === groups.length - 1),
    ),
    key: [
      { mark: 'hollow', colour: COLOUR.paper, label: 'paper' },
      { mark: 'dot', colour: 'var(--reproduced)', label: 'ours, in the colour of the verdict' },
    ],
    datasets,
    notes:
      all === drawn.length
        ? []
        : [`${count(all - drawn.length, 'claim')} without a ratio of two positive numbers: see the table.`],
  };
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

function datasetOf(
  experiment: Compared['experiment'],
  claims: readonly ClaimResult[],
  factor: number,
): Dataset {
  const inside = (value: number) => rounded(Math.min(factor, Math.max(1 / factor, value)));
  return {
    name: `claims-${experiment.id}`,
    title: `Claims of “${experiment.title}”`,
    columns: [
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
    ],
    rows: claims.map((claim): readonly Value[] => {
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
    }),
  };
}

function panel(
  title: string,
  claims: readonly ClaimResult[],
  dataset: Dataset,
  factor: number,
  last: boolean,
): Panel {
  const verdicts = Object.keys(SHAPES) as readonly Verdict[];
  const domain = [1 / factor, factor] as const;
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: last ? 'ours ÷ paper (log)' : null,
    scale: { type: 'log' as const, domain: [...domain], nice: false },
    axis: { format: '~g', grid: true, labels: last, values: ratioTicks(domain) },
  });
  const y = {
    field: 'label',
    type: 'nominal' as const,
    title: null,
    sort: null,
    axis: { labelLimit: 210, minExtent: 210 },
  };
  const verdict = (range: readonly string[]) => ({
    field: 'verdict',
    type: 'nominal' as const,
    legend: null,
    scale: { domain: [...verdicts], range: [...range] },
  });
  const colours = verdicts.map((one) => `var(--${one.replaceAll(' ', '-')})`);
  return {
    title,
    alt: `Our number over the paper’s on a logarithmic axis, ${count(claims.length, 'claim')}: ${claims.map((claim) => `${claim.label} ${((claim.ours?.value ?? 0) / claim.paper).toFixed(2)}, ${claim.verdict}`).join('; ')}.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: claims.length * 22,
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 12, color: COLOUR.shade, strokeCap: 'butt' },
          encoding: { x: x('nearLow'), x2: { field: 'nearHigh' }, y },
        },
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.2 },
          encoding: { x: x('one') },
        },
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
          encoding: { x: x('ratioLow'), x2: { field: 'ratioHigh' }, y, color: verdict(colours) },
        },
        {
          mark: { type: 'point', filled: true, size: 70, opacity: 1 },
          encoding: {
            x: x('ratio'),
            y,
            color: verdict(colours),
            shape: verdict(verdicts.map((one) => SHAPES[one])),
            tooltip: [
              { field: 'label', title: 'claim' },
              { field: 'unit', title: 'unit' },
              { field: 'paper', type: 'quantitative', title: 'paper' },
              { field: 'ours', type: 'quantitative', title: 'ours' },
              { field: 'verdict', title: 'verdict' },
            ],
          },
        },
      ],
    },
  };
}
