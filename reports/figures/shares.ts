/**
 * Shares over time, one panel per framework: the Mesos line over the shaded static share (the paper's figure
 * 5).
 */
import type { RunCell } from '../../harness/result.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { count } from '../words.ts';
import { type Band, bandKey, bandLayers, bandsOf } from './bands.ts';
import { type Dataset, type Figure, type Panel, roundedShare, type Value } from './figure.ts';
import { COLOUR, frameworkColour } from './theme.ts';
import { timeAxis, timeline } from './timeline.ts';

/** Draws the pair of runs that the report shows. */
export function sharesFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-shares`;
  const title = 'Share of the cluster’s CPUs held by each framework';
  const dataset = sharesDataset(runs);
  if (dataset === null) {
    return { state: 'empty', id, title, reason: whyNoShares(runs) };
  }
  const { mesos, static: onStatic } = runs.shown ?? { mesos: null, static: null };
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: runs.frameworks.map((name, index) =>
      panel({
        name,
        index,
        colour: frameworkColour(name),
        dataset,
        bands: bandsOf(mesos),
        last: index === runs.frameworks.length - 1,
      }),
    ),
    key: [
      { mark: 'line', colour: COLOUR.ink, label: 'on Mesos, in the framework’s colour' },
      ...(onStatic === null
        ? []
        : [{ mark: 'area' as const, colour: COLOUR.shade, label: 'on its static partition' }]),
      ...bandKey(bandsOf(mesos)),
    ],
    datasets: [dataset],
    notes: [
      ...(mesos === null ? [whyNoRun(runs, 'mesos')] : []),
      ...(onStatic === null ? [whyNoRun(runs, 'static')] : []),
    ],
  };
}

/** Shares of all frameworks on both systems, a row a step; null if no run has any. */
export function sharesDataset(runs: ClockRuns): Dataset | null {
  const { mesos, static: onStatic } = runs.shown ?? { mesos: null, static: null };
  const lines = runs.frameworks.flatMap((name, index) => [
    { field: `m${index}`, title: `${name} on Mesos`, series: shareOf(mesos, name) },
    { field: `s${index}`, title: `${name} on static partitions`, series: shareOf(onStatic, name) },
  ]);
  const rows = timeline(lines.map((line) => line.series));
  if (rows.length === 0) return null;
  return {
    name: `${runs.clock}-shares`,
    title: `Shares of the cluster’s CPUs, ${count(rows.length, 'step')}`,
    columns: [{ field: 't', title: 'from (s)' }, ...lines.map(({ field, title }) => ({ field, title }))],
    rows: rows.map(([t = 0, ...values]): readonly Value[] => [t, ...values.map(roundedShare)]),
  };
}

/** Why there are no shares to draw. */
export function whyNoShares(runs: ClockRuns): string {
  if (runs.completed.length > 0) return 'The runs that completed recorded no shares.';
  return `${whyNoRun(runs, 'mesos')} ${whyNoRun(runs, 'static')}`;
}

function shareOf(cell: RunCell | null, framework: string) {
  return cell?.frameworks.find((one) => one.name === framework)?.share ?? null;
}

interface Part {
  readonly name: string;
  readonly index: number;
  readonly colour: string;
  readonly dataset: Dataset;
  readonly bands: readonly Band[];
  readonly last: boolean;
}

function panel({ name, index, colour, dataset, bands, last }: Part): Panel {
  const share = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: null,
    scale: { domain: [0, 1] },
    axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], minExtent: 42 },
  });
  const x = timeAxis(dataset, last);
  return {
    title: name,
    alt: `Share of the cluster’s CPUs that ${name} held over time, on Mesos and on its static partition.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 96,
      encoding: { x },
      layer: [
        ...bandLayers(bands, x),
        {
          mark: {
            type: 'area',
            interpolate: 'step-after',
            color: COLOUR.shade,
            line: { color: COLOUR.static, strokeWidth: 0.8 },
            invalid: 'filter',
          },
          encoding: { y: share(`s${index}`) },
        },
        {
          mark: {
            type: 'line',
            interpolate: 'step-after',
            strokeWidth: 1.6,
            color: colour,
            invalid: 'filter',
          },
          encoding: { y: share(`m${index}`) },
        },
        {
          mark: { type: 'rule', strokeWidth: 4, opacity: 0 },
          encoding: {
            tooltip: [
              { field: 't', type: 'quantitative', title: 'from (s)' },
              { field: `m${index}`, type: 'quantitative', format: '.1%', title: 'Mesos' },
              { field: `s${index}`, type: 'quantitative', format: '.1%', title: 'static' },
            ],
          },
        },
      ],
    },
  };
}
