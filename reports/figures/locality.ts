/** Maps by where their block came from, per framework, on both systems. */
import type { Estimate } from '../../harness/result.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { estimate } from '../results/estimate.ts';
import { intervalName } from '../words.ts';
import { type Dataset, type Figure, rounded, type Value } from './figure.ts';
import { BESIDE_BARS, brokenNames, COLOUR, nameRoom } from './theme.ts';

const SYSTEMS = [
  { system: 'mesos', name: 'Mesos' },
  { system: 'static', name: 'static' },
] as const;

/** Local maps of one framework on one system, over the seeds. */
export interface LocalMaps {
  readonly framework: string;
  readonly system: 'mesos' | 'static';
  readonly local: number;
  readonly remote: number;
  /** Fraction of maps that read a local block: median over the seeds. */
  readonly fraction: number;
  readonly interval: Estimate['interval'];
  /** Seeds. */
  readonly n: number;
}

/** Draws medians over all seeds. */
export function localityFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-locality`;
  const title = 'Maps that read their block from their own slave';
  const maps = localMaps(runs);
  if (maps.length === 0) {
    const reason =
      runs.completed.length > 0
        ? 'No framework of these runs reads blocks.'
        : `${whyNoRun(runs, 'mesos')} ${whyNoRun(runs, 'static')}`;
    return { state: 'empty', id, title, reason };
  }
  const dataset = localityDataset(runs, maps);
  const without = runs.frameworks.filter((name) => !maps.some((one) => one.framework === name));
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [
      {
        title: '',
        alt: 'Fraction of local maps by framework and system, as bars with labels.',
        spec: {
          data: { name: dataset.name },
          width: 'container',
          padding: BESIDE_BARS,
          height: 24 * maps.length,
          encoding: {
            y: {
              field: 'row',
              type: 'nominal',
              title: null,
              sort: maps.map(rowLabel),
              axis: { ...nameRoom(150), ...brokenNames(maps.map(rowLabel), 150) },
            },
            x,
          },
          layer: [
            {
              mark: { type: 'bar', height: 14 },
              encoding: {
                color: {
                  field: 'system',
                  type: 'nominal',
                  legend: null,
                  scale: { domain: ['Mesos', 'static'], range: [COLOUR.mesos, COLOUR.static] },
                },
                tooltip: [
                  { field: 'row', title: 'maps of' },
                  { field: 'local', type: 'quantitative', format: ',d', title: 'local maps' },
                  { field: 'remote', type: 'quantitative', format: ',d', title: 'remote maps' },
                ],
              },
            },
            ...(maps.some(({ interval }) => interval !== null) ? [intervalLayer()] : []),
            {
              transform: [{ calculate: 'isValid(datum.high) ? datum.high : datum.fraction', as: 'end' }],
              mark: { type: 'text', align: 'left', dx: 5, color: COLOUR.ink },
              encoding: {
                x: { ...x, field: 'end' },
                text: { field: 'fraction', type: 'quantitative', format: '.1%' },
              },
            },
          ],
        },
      },
    ],
    key: [
      { mark: 'square', colour: COLOUR.mesos, label: 'Mesos' },
      { mark: 'square', colour: COLOUR.static, label: 'static partitions' },
      ...(maps.some(({ interval }) => interval !== null)
        ? [{ mark: 'whisker' as const, colour: COLOUR.ink, label: `${intervalName(maps)} over the seeds` }]
        : []),
    ],
    datasets: [dataset],
    notes: without.map((name) => `${name} reads no blocks.`),
  };
}

const x = {
  field: 'fraction',
  type: 'quantitative' as const,
  title: 'local maps',
  scale: { domain: [0, 1.22] },
  axis: { format: '.0%', grid: true, values: [0, 0.25, 0.5, 0.75, 1] },
};

function intervalLayer() {
  return {
    mark: { type: 'rule' as const, strokeWidth: 1.4, color: COLOUR.ink },
    encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' } },
  };
}

/** Local maps by framework and system; counts are of the first seed that has them. */
export function localMaps(runs: ClockRuns): readonly LocalMaps[] {
  return runs.frameworks.flatMap((framework) =>
    SYSTEMS.flatMap(({ system }) => {
      const counts = runs.pairs.flatMap(
        (pair) => pair[system]?.frameworks.find((one) => one.name === framework)?.locality ?? [],
      );
      const read = counts.filter(({ local, remote }) => local + remote > 0);
      const first = read[0];
      const fraction = estimate(read.map(({ local, remote }) => local / (local + remote)));
      return first === undefined || fraction === null
        ? []
        : [
            {
              framework,
              system,
              ...first,
              fraction: fraction.value,
              interval: fraction.interval,
              n: fraction.n,
            },
          ];
    }),
  );
}

function rowLabel({ framework, system }: LocalMaps): string {
  return `${framework}, ${system === 'mesos' ? 'Mesos' : 'static'}`;
}

function localityDataset(runs: ClockRuns, maps: readonly LocalMaps[]): Dataset {
  const name = intervalName(maps);
  return {
    name: `${runs.clock}-locality`,
    title: 'Maps by where their block came from',
    columns: [
      { field: 'row', title: 'maps of' },
      { field: 'system', title: 'system' },
      { field: 'local', title: 'local maps, first seed' },
      { field: 'remote', title: 'remote maps, first seed' },
      { field: 'fraction', title: 'local, median over the seeds' },
      { field: 'low', title: `${name} from` },
      { field: 'high', title: `${name} to` },
    ],
    rows: maps.map((one): readonly Value[] => [
      rowLabel(one),
      one.system === 'mesos' ? 'Mesos' : 'static',
      one.local,
      one.remote,
      rounded(one.fraction),
      one.interval === null ? null : rounded(one.interval[0]),
      one.interval === null ? null : rounded(one.interval[1]),
    ]),
  };
}
