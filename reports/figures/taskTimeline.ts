/** Tasks by slave over time: who held which slot when. */
import type { System, Timeline } from '../../harness/result.ts';
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { count, grouped, seconds, systemName } from '../words.ts';
import { bandKey, bandLayers, bandsOf } from './bands.ts';
import { type Dataset, type Figure, type Panel, rounded, type Value } from './figure.ts';
import { frameworkColour } from './theme.ts';
import { timeAxis } from './timeline.ts';

const SYSTEMS: readonly System[] = ['mesos', 'static'];

/** Height of a slot in pixels: whole, so that there are no seams between slots. */
const SLOT_PX = { least: 1, most: 12 } as const;

/** Height of a chart in pixels that is aimed at. */
const CHART_PX = 400;

/** Draws the pair of runs that the report shows. */
export function taskTimelineFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-timeline`;
  const title = 'Tasks by slave';
  const drawn = SYSTEMS.flatMap((system) => {
    const timeline = runs.shown?.[system]?.timeline ?? null;
    return timeline === null || timeline.slave.length === 0
      ? []
      : [{ system, timeline, dataset: datasetOf(runs, system, timeline) }];
  });
  if (drawn.length === 0) {
    const reason =
      runs.shown === null
        ? `${whyNoRun(runs, 'mesos')} ${whyNoRun(runs, 'static')}`
        : 'It is not kept for these runs.';
    return { state: 'empty', id, title, reason };
  }
  const endS = drawn.reduce(
    (most, { timeline }) => timeline.toS.reduce((latest, at) => Math.max(latest, at), most),
    0,
  );
  const frameworks = [...new Set(drawn.flatMap(({ timeline }) => timeline.frameworks))];
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: drawn.map(({ system, timeline, dataset }, index) =>
      panel(runs, system, timeline, dataset, endS, index === drawn.length - 1),
    ),
    key: [
      ...frameworks.map((name) => ({ mark: 'area' as const, colour: frameworkColour(name), label: name })),
      ...bandKey(SYSTEMS.flatMap((system) => bandsOf(runs.shown?.[system]))),
    ],
    datasets: drawn.map(({ dataset }) => dataset),
    notes: drawn.map(({ system, timeline }) => noteOf(system, timeline)),
  };
}

function noteOf(system: System, { tasks, slave, pauseS, slavesLeftOut }: Timeline): string {
  const left =
    slavesLeftOut === 0 ? '' : ` ${count(slavesLeftOut, 'slave')} more would be too many, and are left out.`;
  return (
    `${systemTitle(system)}: ${count(tasks, 'task')} in ${grouped(slave.length)} bars. Tasks of a framework that follow ` +
    `each other on a slot with a pause of at most ${seconds(pauseS)} are one bar.${left}`
  );
}

function datasetOf(runs: ClockRuns, system: System, timeline: Timeline): Dataset {
  const { slave, slot, framework, fromS, toS, slots, frameworks } = timeline;
  return {
    name: `${runs.clock}-timeline-${system}`,
    title: `Tasks by slave, ${systemName(system)}, ${count(slave.length, 'bar')}`,
    columns: [
      { field: 't', title: 'from (s)' },
      { field: 'to', title: 'to (s)' },
      { field: 'framework', title: 'framework' },
      { field: 'top', title: 'slave, and slot as a part of it' },
      { field: 'bottom', title: 'to' },
    ],
    rows: slave.map((at, index): readonly Value[] => {
      const parts = slots[at] ?? 1;
      const part = slot[index] ?? 0;
      return [
        fromS[index] ?? 0,
        toS[index] ?? 0,
        frameworks[framework[index] ?? 0] ?? '',
        rounded(at + part / parts),
        rounded(at + (part + 1) / parts),
      ];
    }),
  };
}

function panel(
  runs: ClockRuns,
  system: System,
  timeline: Timeline,
  dataset: Dataset,
  endS: number,
  last: boolean,
): Panel {
  const { slots, frameworks } = timeline;
  const axis = timeAxis(dataset, last);
  const x = { ...axis, scale: { ...axis.scale, domain: [0, endS] } };
  return {
    title: systemTitle(system),
    alt:
      `Each of ${count(slots.length, 'slave')} as a row, time to the right: bars show which framework ran tasks there, ` +
      `${systemName(system)}. The table below holds every bar.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: heightOf(slots),
      layer: [
        ...bandLayers(bandsOf(runs.shown?.[system]), x),
        {
          mark: { type: 'rect', opacity: 1 },
          encoding: {
            x,
            x2: { field: 'to' },
            y: {
              field: 'top',
              type: 'quantitative',
              title: 'slave',
              scale: { domain: [0, slots.length], reverse: true, nice: false },
              axis: { grid: false, tickMinStep: 1, tickCount: 6, minExtent: 42, format: 'd' },
            },
            y2: { field: 'bottom' },
            color: {
              field: 'framework',
              type: 'nominal',
              legend: null,
              scale: { domain: [...frameworks], range: frameworks.map(frameworkColour) },
            },
            tooltip: [
              { field: 'framework', title: 'framework' },
              { field: 't', type: 'quantitative', title: 'from (s)' },
              { field: 'to', type: 'quantitative', title: 'to (s)' },
            ],
          },
        },
      ],
    },
  };
}

/** Every slave is as high as the one with the most slots. */
function heightOf(slots: readonly number[]): number {
  const rows = slots.length * slots.reduce((most, n) => Math.max(most, n), 1);
  return rows * Math.min(SLOT_PX.most, Math.max(SLOT_PX.least, Math.floor(CHART_PX / rows)));
}

function systemTitle(system: System): string {
  return system === 'mesos' ? 'Mesos' : 'Static partitions';
}
