/** Offers and tasks by how they ended. */
import type { RunCell, System } from '../../harness/result.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { type Dataset, type Figure, type Panel, roundedShare, type Value } from './figure.ts';
import { COLOUR } from './theme.ts';

const OFFER_ENDS = ['accepted', 'declined', 'rescinded', 'open'] as const;
const TASK_ENDS = ['finished', 'failed', 'killed', 'lost'] as const;

interface Bars {
  readonly title: string;
  readonly noun: 'offers' | 'tasks';
  readonly colour: string;
  readonly dataset: Dataset;
}

/** Draws the pair of runs that the report shows. */
export function endingsFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-endings`;
  const title = 'Offers and tasks by how they ended';
  const { mesos = null, static: onStatic = null } = runs.shown ?? {};
  const missing = (['mesos', 'static'] as const).filter((system) => runs.shown?.[system] == null);
  const notes = missing.map((system) => whyNoRun(runs, system));
  if (mesos === null && onStatic === null) return { state: 'empty', id, title, reason: notes.join(' ') };
  const bars = [
    ...(mesos === null ? [] : [offerBars(runs, mesos), taskBars(runs, 'mesos', mesos)]),
    ...(onStatic === null ? [] : [taskBars(runs, 'static', onStatic)]),
  ].filter((one) => one !== null);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'grid',
    panels: bars.map(panel),
    key: [],
    datasets: bars.map((one) => one.dataset),
    notes:
      mesos !== null && mesos.offers === null ? [...notes, 'The run on Mesos recorded no offers.'] : notes,
  };
}

function offerBars(runs: ClockRuns, { offers }: RunCell): Bars | null {
  if (offers === null) return null;
  const counts = OFFER_ENDS.map((end) => [end, offers[end]] as const);
  const dataset = endsDataset(
    `${runs.clock}-offers`,
    'Offers by how they ended, on Mesos',
    counts,
    offers.sent,
  );
  return { title: 'Offers on Mesos', noun: 'offers', colour: COLOUR.mesos, dataset };
}

function taskBars(runs: ClockRuns, system: System, { tasks }: RunCell): Bars {
  const counts = TASK_ENDS.map((end) => [end, tasks[end]] as const);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const where = system === 'mesos' ? 'on Mesos' : 'on static partitions';
  const dataset = endsDataset(
    `${runs.clock}-tasks-${system}`,
    `Tasks by how they ended, ${where}`,
    counts,
    all,
  );
  return { title: `Tasks ${where}`, noun: 'tasks', colour: COLOUR[system], dataset };
}

function endsDataset(
  name: string,
  title: string,
  counts: readonly (readonly [string, number])[],
  all: number,
): Dataset {
  return {
    name,
    title,
    columns: [
      { field: 'end', title: 'how it ended' },
      { field: 'count', title: 'count' },
      { field: 'fraction', title: 'fraction of all' },
    ],
    rows: counts.map(([end, count]): readonly Value[] => [
      end,
      count,
      roundedShare(all === 0 ? 0 : count / all),
    ]),
  };
}

function panel({ title, noun, colour, dataset }: Bars): Panel {
  const words = dataset.rows.map(([end, count]) => `${end} ${count}`).join(', ');
  const share = 'datum.fraction < 0.001 ? "<0.1%" : format(datum.fraction, ".1%")';
  return {
    title,
    alt: `${noun} by how they ended: ${words}.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 26 * dataset.rows.length,
      encoding: {
        y: {
          field: 'end',
          type: 'nominal',
          title: null,
          sort: dataset.rows.map(([end]) => String(end)),
          axis: { minExtent: 68 },
        },
        x: { field: 'fraction', type: 'quantitative', scale: { domain: [0, 2] }, axis: null },
      },
      layer: [
        { mark: { type: 'bar', height: 14, color: colour } },
        {
          transform: [
            {
              calculate: `format(datum.count, ",d") + (datum.count > 0 ? "  (" + (${share}) + ")" : "")`,
              as: 'label',
            },
          ],
          mark: { type: 'text', align: 'left', dx: 5 },
          encoding: { text: { field: 'label' } },
        },
      ],
    },
  };
}
