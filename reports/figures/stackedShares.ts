/** Shares stacked over time: how the whole cluster is divided at each moment (the paper's figure 6). */
import type { System } from '../../harness/result.ts';
import type { ClockRuns } from '../results/clockRuns.ts';
import { whyNoRun } from '../results/clockRuns.ts';
import { systemName } from '../words.ts';
import { bandKey, bandLayers, bandsOf } from './bands.ts';
import type { Dataset, Figure, Panel } from './figure.ts';
import { sharesDataset, whyNoShares } from './shares.ts';
import { frameworkColour } from './theme.ts';
import { timeAxis } from './timeline.ts';

/** Draws the pair of runs that the report shows. */
export function stackedSharesFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-stacked`;
  const title = 'How the cluster’s CPUs were divided';
  const dataset = sharesDataset(runs);
  if (dataset === null) return { state: 'empty', id, title, reason: whyNoShares(runs) };
  const ran = (['mesos', 'static'] as const).filter((system) => runs.shown?.[system] != null);
  const missing = (['mesos', 'static'] as const).filter((system) => !ran.includes(system));
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: ran.map((system, index) => panel(runs, system, dataset, index === ran.length - 1)),
    key: [
      ...runs.frameworks.map((name) => ({
        mark: 'area' as const,
        colour: frameworkColour(name),
        label: name,
      })),
      ...bandKey(bandsOf(runs.shown?.mesos)),
    ],
    datasets: [dataset],
    notes: missing.map((system) => whyNoRun(runs, system)),
  };
}

function panel(runs: ClockRuns, system: System, dataset: Dataset, last: boolean): Panel {
  const { frameworks } = runs;
  const prefix = system === 'mesos' ? 'm' : 's';
  const x = timeAxis(dataset, last);
  const fields = frameworks.map((_, index) => `${prefix}${index}`);
  return {
    title: system === 'mesos' ? 'Mesos' : 'Static partitions',
    alt: `Stacked shares of ${frameworks.join(', ')} over time on ${systemName(system)}.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 170,
      encoding: { x },
      layer: [
        ...bandLayers(bandsOf(runs.shown?.[system]), x),
        {
          transform: [{ fold: fields, as: ['series', 'share'] }],
          mark: {
            type: 'area',
            interpolate: 'step-after',
            line: false,
            stroke: 'var(--panel)',
            strokeWidth: 0.4,
            invalid: 'filter',
          },
          encoding: {
            y: {
              field: 'share',
              type: 'quantitative',
              aggregate: 'sum',
              title: null,
              scale: { domain: [0, 1] },
              axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], minExtent: 42 },
            },
            color: {
              field: 'series',
              type: 'nominal',
              legend: null,
              scale: { domain: fields, range: frameworks.map((name) => frameworkColour(name)) },
            },
            order: { field: 'series', type: 'ordinal' },
          },
        },
      ],
    },
  };
}
