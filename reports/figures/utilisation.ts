/**
 * CPU and memory utilisation over time, Mesos against static partitions, and their means (the paper's figure
 * 7).
 */
import type { Estimate } from '../../harness/result.ts';
import { paperGain } from '../paper/paperNumbers.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { estimate } from '../results/estimate.ts';
import { count, intervalName } from '../words.ts';
import { type Band, bandKey, bandLayers, bandsOf } from './bands.ts';
import {
  type Dataset,
  type Figure,
  type KeyEntry,
  type Panel,
  rounded,
  roundedShare,
  type Value,
} from './figure.ts';
import { COLOUR } from './theme.ts';
import { timeAxis, timeline } from './timeline.ts';

/** Means over time that the paper's figure 7 shows for its macrobenchmark, as fractions. */
const PAPER_MEANS = {
  cpus: { mesos: 0.684, static: 0.57 },
  mem: { mesos: 0.317, static: 0.137 },
} as const;

const SYSTEMS = ['mesos', 'static'] as const;

const RESOURCES = [
  { resource: 'cpus', name: 'CPU', series: 'cpus', mean: 'meanCpus' },
  { resource: 'mem', name: 'Memory', series: 'mem', mean: 'meanMem' },
] as const;

/** Draws the pair of runs that the report shows; the means are medians over all seeds. */
export function utilisationFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-utilisation`;
  const title = 'CPU and memory held by tasks';
  const series = seriesDataset(runs);
  const means = meansDataset(runs);
  if (series === null || means === null) {
    const reason =
      runs.completed.length > 0
        ? 'The runs that completed recorded no utilisation.'
        : `${whyNoRun(runs, 'mesos')} ${whyNoRun(runs, 'static')}`;
    return { state: 'empty', id, title, reason };
  }
  const missing = (['mesos', 'static'] as const).filter((system) => runs.shown?.[system] == null);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [
      ...RESOURCES.map(({ resource, name }, index) =>
        linesPanel(resource, name, series, bandsOf(runs.shown?.mesos), index === 1),
      ),
      meansPanel(means),
    ],
    key: [
      { mark: 'line', colour: COLOUR.mesos, label: 'Mesos' },
      ...(missing.includes('static')
        ? []
        : [{ mark: 'dashes' as const, colour: COLOUR.static, label: 'static partitions' }]),
      ...(paperGain(runs.claims, 'cpus') !== null
        ? [{ mark: 'hollow' as const, colour: COLOUR.paper, label: 'means in the paper' }]
        : []),
      ...whiskerKey(meansOf(runs).flatMap(({ ours }) => ours)),
      ...bandKey(bandsOf(runs.shown?.mesos)),
    ],
    datasets: [means, series],
    notes: missing.map((system) => whyNoRun(runs, system)),
  };
}

/** The line below a mean; none where there are too few seeds. */
function whiskerKey(ours: readonly (Estimate | null)[]): readonly KeyEntry[] {
  if (ours.every((one) => one?.interval == null)) return [];
  return [{ mark: 'whisker', colour: COLOUR.ink, label: `${intervalName(ours)} of a mean` }];
}

function seriesDataset(runs: ClockRuns): Dataset | null {
  const { mesos, static: onStatic } = runs.shown ?? { mesos: null, static: null };
  const lines = RESOURCES.flatMap(({ resource, name, series }) => [
    { field: `${resource}-mesos`, title: `${name} on Mesos`, series: mesos?.utilisation[series] ?? null },
    {
      field: `${resource}-static`,
      title: `${name} on static partitions`,
      series: onStatic?.utilisation[series] ?? null,
    },
  ]);
  const rows = timeline(lines.map((line) => line.series));
  if (rows.length === 0) return null;
  return {
    name: `${runs.clock}-utilisation`,
    title: `Fraction of all CPUs and memory held by tasks, ${count(rows.length, 'step')}`,
    columns: [{ field: 't', title: 'from (s)' }, ...lines.map(({ field, title }) => ({ field, title }))],
    rows: rows.map(([t = 0, ...values]): readonly Value[] => [t, ...values.map(roundedShare)]),
  };
}

function meansOf(runs: ClockRuns) {
  return RESOURCES.map(({ resource, name, mean }) => ({
    resource,
    name,
    ours: SYSTEMS.map((system) =>
      estimate(runs.pairs.flatMap((pair) => pair[system]?.utilisation[mean] ?? [])),
    ),
  }));
}

function meansDataset(runs: ClockRuns): Dataset | null {
  if (runs.completed.length === 0) return null;
  const means = meansOf(runs);
  const interval = intervalName(means.flatMap(({ ours }) => ours));
  return {
    name: `${runs.clock}-utilisation-means`,
    title: 'Mean utilisation, median over the seeds',
    columns: [
      { field: 'resource', title: 'resource' },
      { field: 'mesos', title: 'Mesos' },
      { field: 'static', title: 'static' },
      { field: 'paperMesos', title: 'Mesos in the paper' },
      { field: 'paperStatic', title: 'static in the paper' },
      { field: 'mesosLow', title: `Mesos, ${interval} from` },
      { field: 'mesosHigh', title: 'to' },
      { field: 'staticLow', title: `static, ${interval} from` },
      { field: 'staticHigh', title: 'to' },
    ],
    rows: means.map(({ resource, name, ours: [mesos, onStatic] }): readonly Value[] => {
      const paper = paperGain(runs.claims, resource) === null ? null : PAPER_MEANS[resource];
      return [
        name,
        ...[mesos?.value, onStatic?.value].map(shown),
        paper?.mesos ?? null,
        paper?.static ?? null,
        ...[...(mesos?.interval ?? [null, null]), ...(onStatic?.interval ?? [null, null])].map(shown),
      ];
    }),
  };
}

function shown(value: number | null | undefined): Value {
  return value == null ? null : rounded(value);
}

function linesPanel(
  resource: string,
  name: string,
  dataset: Dataset,
  bands: readonly Band[],
  last: boolean,
): Panel {
  const x = timeAxis(dataset, last);
  const line = (system: 'mesos' | 'static') => ({
    mark: {
      type: 'line' as const,
      interpolate: 'step-after' as const,
      strokeWidth: system === 'mesos' ? 1.8 : 1.4,
      color: COLOUR[system],
      invalid: 'filter' as const,
      ...(system === 'static' ? { strokeDash: [5, 3] } : {}),
    },
    encoding: {
      y: {
        field: `${resource}-${system}`,
        type: 'quantitative' as const,
        title: null,
        scale: { domain: [0, 1] },
        axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], minExtent: 42 },
      },
    },
  });
  return {
    title: `${name} over time`,
    alt: `${name} utilisation over time on Mesos and on static partitions.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 120,
      encoding: { x },
      layer: [
        ...bandLayers(bands, x),
        line('static'),
        line('mesos'),
        {
          mark: { type: 'rule', strokeWidth: 4, opacity: 0 },
          encoding: {
            tooltip: [
              { field: 't', type: 'quantitative', title: 'from (s)' },
              { field: `${resource}-mesos`, type: 'quantitative', format: '.1%', title: 'Mesos' },
              { field: `${resource}-static`, type: 'quantitative', format: '.1%', title: 'static' },
            ],
          },
        },
      ],
    },
  };
}

function meansPanel(dataset: Dataset): Panel {
  const at = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'mean utilisation',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', grid: true, tickCount: 5 },
  });
  const point = (field: string, mark: { color?: string; stroke?: string; fill?: string; shape: string }) => ({
    mark: {
      type: 'point' as const,
      filled: mark.color !== undefined,
      size: 90,
      opacity: 1,
      strokeWidth: 1.6,
      ...mark,
    },
    encoding: { x: at(field) },
  });
  const hollow = { stroke: COLOUR.paper, fill: 'transparent', shape: 'diamond' };
  return {
    title: 'Means over the run',
    alt: 'Mean CPU and memory utilisation on Mesos and on static partitions, with the paper’s means as hollow marks.',
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 46 * dataset.rows.length,
      encoding: {
        y: { field: 'resource', type: 'nominal', sort: null, title: null, axis: { minExtent: 42 } },
      },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 3, color: COLOUR.line },
          encoding: { x: at('static'), x2: { field: 'mesos' } },
        },
        ...SYSTEMS.filter((system) =>
          dataset.rows.some((row) => row[system === 'mesos' ? 5 : 7] !== null),
        ).map((system) => ({
          mark: { type: 'rule' as const, strokeWidth: 1.6, color: COLOUR[system], yOffset: 9 },
          encoding: { x: at(`${system}Low`), x2: { field: `${system}High` } },
        })),
        point('paperStatic', hollow),
        point('paperMesos', hollow),
        point('static', { color: COLOUR.static, shape: 'square' }),
        point('mesos', { color: COLOUR.mesos, shape: 'circle' }),
        {
          mark: { type: 'text', dy: -13, color: COLOUR.mesos },
          encoding: { x: at('mesos'), text: { field: 'mesos', type: 'quantitative', format: '.1%' } },
        },
        {
          mark: { type: 'text', dy: 14, color: COLOUR.static },
          encoding: { x: at('static'), text: { field: 'static', type: 'quantitative', format: '.1%' } },
        },
      ],
    },
  };
}
