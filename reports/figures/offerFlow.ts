/** Offers on Mesos by how they ended: over time, and by framework. */
import type { OfferFlow } from '../../harness/result.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { count, grouped } from '../words.ts';
import { type Band, bandKey, bandLayers, bandsOf } from './bands.ts';
import type { Dataset, Figure, Panel, Value } from './figure.ts';
import { COLOUR } from './theme.ts';
import { timeAxis } from './timeline.ts';

const ENDINGS = ['accepted', 'declined', 'rescinded'] as const;

/** In the order of the endings. */
const COLOURS = [COLOUR.mesos, COLOUR.static, 'var(--framework-2)'] as const;

/** Draws the run on Mesos that the report shows. */
export function offerFlowFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-offer-flow`;
  const title = 'Offers by how they ended, over time and by framework';
  const flow = runs.shown?.mesos?.offerFlow ?? null;
  if (flow === null) {
    const reason =
      runs.shown?.mesos == null ? whyNoRun(runs, 'mesos') : 'The run on Mesos recorded no offers.';
    return { state: 'empty', id, title, reason };
  }
  const overTime = overTimeDataset(runs, flow);
  const byFramework = byFrameworkDataset(runs, flow);
  const bands = bandsOf(runs.shown?.mesos);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [timePanel(overTime, flow.stepS, bands), frameworksPanel(byFramework)],
    key: [
      ...ENDINGS.map((label, index) => ({
        mark: 'area' as const,
        colour: COLOURS[index] ?? COLOUR.mesos,
        label,
      })),
      ...bandKey(bands),
    ],
    datasets: [overTime, byFramework],
    notes: [],
  };
}

function overTimeDataset(runs: ClockRuns, flow: OfferFlow): Dataset {
  return {
    name: `${runs.clock}-offer-flow`,
    title: `Offers that ended, by steps of ${grouped(flow.stepS, flow.stepS < 1 ? 2 : 0)} s`,
    columns: [
      { field: 't', title: 'from (s)' },
      ...ENDINGS.map((ending) => ({ field: ending, title: ending })),
    ],
    rows: flow.accepted.map((_, step): readonly Value[] => [
      step * flow.stepS,
      ...ENDINGS.map((ending) => flow[ending][step] ?? 0),
    ]),
  };
}

function byFrameworkDataset(runs: ClockRuns, flow: OfferFlow): Dataset {
  return {
    name: `${runs.clock}-offer-frameworks`,
    title: 'Offers that ended, by framework',
    columns: [
      { field: 'framework', title: 'framework' },
      ...ENDINGS.map((ending) => ({ field: ending, title: ending })),
    ],
    rows: flow.frameworks.map((one): readonly Value[] => [one.name, ...ENDINGS.map((ending) => one[ending])]),
  };
}

function stacked() {
  return {
    color: {
      field: 'ending',
      type: 'nominal' as const,
      legend: null,
      scale: { domain: [...ENDINGS], range: [...COLOURS] },
    },
    order: { field: 'place', type: 'quantitative' as const },
    tooltip: [
      { field: 'ending', title: 'ending' },
      { field: 'offers', type: 'quantitative' as const, format: ',d', title: 'offers' },
    ],
  };
}

const FOLDED = [
  { fold: [...ENDINGS], as: ['ending', 'offers'] as ['ending', 'offers'] },
  { calculate: `indexof(${JSON.stringify(ENDINGS)}, datum.ending)`, as: 'place' },
];

function timePanel(dataset: Dataset, stepS: number, bands: readonly Band[]): Panel {
  const x = timeAxis(dataset, true);
  const words = grouped(stepS, stepS < 1 ? 2 : 0);
  return {
    title: 'Over time',
    alt: `Offers that were accepted, declined and rescinded in each step of ${words} s, stacked.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 150,
      layer: [
        ...bandLayers(bands, x),
        {
          transform: FOLDED,
          mark: { type: 'area', interpolate: 'step-after', line: false },
          encoding: {
            x,
            y: {
              field: 'offers',
              type: 'quantitative',
              title: `offers in ${words} s`,
              stack: 'zero',
              axis: { format: ',d', minExtent: 42, tickCount: 5 },
            },
            ...stacked(),
          },
        },
      ],
    },
  };
}

function frameworksPanel(dataset: Dataset): Panel {
  const words = dataset.rows.map(
    ([name, ...counts]) =>
      `${name} ${ENDINGS.map((ending, index) => `${counts[index]} ${ending}`).join(', ')}`,
  );
  return {
    title: 'By framework',
    alt: `Offers to ${count(dataset.rows.length, 'framework')} by how they ended: ${words.join('; ')}.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: Math.max(1, dataset.rows.length) * 22,
      transform: FOLDED,
      mark: { type: 'bar', height: { band: 0.7 } },
      encoding: {
        y: {
          field: 'framework',
          type: 'nominal',
          title: null,
          sort: dataset.rows.map(([name]) => String(name)),
          axis: { labelLimit: 150, minExtent: 110 },
        },
        x: {
          field: 'offers',
          type: 'quantitative',
          title: 'offers',
          stack: 'zero',
          axis: { format: ',d', tickCount: 6 },
        },
        ...stacked(),
      },
    },
  };
}
