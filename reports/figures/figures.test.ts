/**
 * Every figure, compiled and drawn without a browser: no warning, marks where there are data, words where
 * there are none.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ClockKind } from '../../harness/result.ts';
import { type ClockRuns, clockRuns } from '../results/clockRuns.ts';
import { completedCell, failedCell, framework, job } from '../results/testCells.ts';
import { GOLDEN, sampleMix, sampleReport } from '../testdata/generate.ts';
import { claimsFigure, experimentClaimsFigure } from './claims.ts';
import { endingsFigure } from './endings.ts';
import type { Figure } from './figure.ts';
import { jobTimesFigure } from './jobTimes.ts';
import { localityFigure } from './locality.ts';
import { logTicks } from './logTicks.ts';
import { offerFlowFigure } from './offerFlow.ts';
import { ratioTicks } from './ratioTicks.ts';
import { sharesFigure } from './shares.ts';
import { slowdownsFigure } from './slowdowns.ts';
import { speedUpsFigure } from './speedUps.ts';
import { stackedSharesFigure } from './stackedShares.ts';
import { taskTimelineFigure } from './taskTimeline.ts';
import { draw, drawnOf, marks } from './testDraw.ts';
import { brokenNames, frameworkColour, frameworkColoursCss, scaleTitle } from './theme.ts';
import { utilisationFigure } from './utilisation.ts';
import { valuesFigure } from './valuesFigure.ts';

const FIGURES = [
  sharesFigure,
  stackedSharesFigure,
  utilisationFigure,
  speedUpsFigure,
  jobTimesFigure,
  localityFigure,
  endingsFigure,
  offerFlowFigure,
  slowdownsFigure,
  taskTimelineFigure,
];

/** Figures that compare the two systems, and those of what cells of tests do not hold. */
const NEEDS_BOTH = ['virtual-speed-ups', 'virtual-slowdowns'];
const NOT_KEPT = ['virtual-offer-flow', 'virtual-timeline'];

function runsOf(cells: readonly CellResult[], clock: ClockKind = 'virtual'): ClockRuns {
  return clockRuns(clock, { cells, claims: [] });
}

function figuresOf(cells: readonly CellResult[]): readonly Figure[] {
  const runs = runsOf(cells);
  return FIGURES.map((figure) => figure(runs));
}

const { experiments } = sampleReport(GOLDEN);
const mix = sampleMix(GOLDEN);

/** Every figure of the sample's first experiment, with the paper's values. */
function sampleFigures(): readonly Figure[] {
  const runs = clockRuns('virtual', mix);
  const own = experimentClaimsFigure(mix);
  return [
    ...FIGURES.map((figure) => figure(runs)),
    claimsFigure(experiments),
    ...(own === null ? [] : [own]),
  ];
}

test('every figure of a whole report is drawn, without a warning and with marks in each panel', async () => {
  const figures = sampleFigures();
  for (const figure of figures) {
    for (const picture of await draw(drawnOf(figure))) {
      assert.match(
        picture,
        /<g class="mark-(line|area|symbol|rect|rule) role-mark[^"]*"[^>]*><(path|line) /,
        figure.id,
      );
    }
  }
});

test('every dataset has a name of its own, as many values in a row as columns, and no hole but null', () => {
  const figures = sampleFigures().map(drawnOf);
  const names = new Map<string, string>();
  for (const dataset of figures.flatMap((figure) => figure.datasets)) {
    const text = JSON.stringify(dataset);
    assert.is(names.get(dataset.name) ?? text, text, `two datasets are called ${dataset.name}`);
    names.set(dataset.name, text);
    for (const row of dataset.rows) {
      assert.is(row.length, dataset.columns.length, dataset.name);
      assert.ok(
        row.every((value) => value === null || typeof value === 'string' || Number.isFinite(value)),
        dataset.name,
      );
    }
  }
});

test('panels read only datasets that their figure brings, and charts load nothing', () => {
  for (const figure of sampleFigures().map(drawnOf)) {
    const names = new Set(figure.datasets.map((dataset) => dataset.name));
    const text = JSON.stringify(figure.panels);
    assert.not.match(text, /"url"/);
    for (const [, name] of text.matchAll(/"data":\{"name":"([^"]+)"/g))
      assert.ok(names.has(name ?? ''), name);
  }
});

test('the paper’s values are hollow marks in its own colour', async () => {
  const [picture = ''] = await draw(drawnOf(speedUpsFigure(clockRuns('virtual', mix))));
  const hollow = picture.match(/<path [^>]*stroke="var\(--paper-mark\)"[^>]*>/g) ?? [];
  assert.is(hollow.length, 8, 'one for each bin of the Facebook mix');
  assert.ok(hollow.every((mark) => !/ fill="(?!none|transparent)/.test(mark)));
});

test('a framework has the same colour in every chart, on all clocks and in all experiments', () => {
  const cells = [
    completedCell({ frameworks: [framework('a', []), framework('b', [])] }),
    completedCell({ clock: 'real', frameworks: [framework('b', [])] }),
  ];
  const colourOfB = (figure: Figure) =>
    JSON.stringify(drawnOf(figure).panels.at(-1)?.spec).match(/var\(--of-[^)]*\)/)?.[0];
  assert.is(colourOfB(sharesFigure(runsOf(cells))), 'var(--of-b)');
  assert.is(colourOfB(sharesFigure(runsOf(cells, 'real'))), 'var(--of-b)');
});

test('frameworks get the colours of the palette in order of appearance, and start over after the last', () => {
  const names = ['b', 'a', 'b', 'Torque MPI', 'c', 'd', 'e', 'f', 'g', 'h'];
  const css = frameworkColoursCss(names.map(frameworkColour).join(' '));
  assert.match(css, '--of-b:var(--framework-1);--of-a:var(--framework-2);--of-torque-mpi:var(--framework-3)');
  assert.match(css, '--of-h:var(--framework-1)}');
});

test('a fault of the run is a band in every chart over time', async () => {
  const [mesos = completedCell()] = clockRuns('virtual', mix).completed;
  const faults = [{ fromS: 20, toS: 200, label: 'no master' }];
  const runs = runsOf([{ ...mesos, faults }]);
  const overTime = [
    sharesFigure,
    stackedSharesFigure,
    utilisationFigure,
    offerFlowFigure,
    taskTimelineFigure,
  ];
  for (const figure of overTime) {
    const drawn = drawnOf(figure(runs));
    assert.is(drawn.key.at(-1)?.label, 'no master', drawn.id);
    assert.match((await draw(drawn))[0] ?? '', /stroke="var\(--fault\)"|fill="var\(--fault\)"/, drawn.id);
  }
});

test('each bar of the timeline is drawn, in the colour of its framework', async () => {
  const runs = clockRuns('virtual', mix);
  const figure = drawnOf(taskTimelineFigure(runs));
  const [picture = ''] = await draw(figure);
  assert.is(marks(picture, 'rect'), figure.datasets[0]?.rows.length);
  for (const name of runs.frameworks) assert.match(picture, `fill="${frameworkColour(name)}"`);
});

test('offers are stacked over time, and add up', async () => {
  const figure = drawnOf(offerFlowFigure(clockRuns('virtual', mix)));
  const [overTime = '', byFramework = ''] = await draw(figure);
  assert.is(marks(overTime, 'area'), 3);
  assert.is(marks(byFramework, 'rect'), 9);
});

test('speed-ups have one mark a job and one a kind', async () => {
  const cells = (['mesos', 'static'] as const).map((system) =>
    completedCell({
      system,
      frameworks: [
        framework('a', [
          job('1', 'k', 1, system === 'mesos' ? 10 : 20),
          job('2', 'k', 1, system === 'mesos' ? 10 : 30),
          job('3', 'l', 5, 10),
        ]),
      ],
    }),
  );
  const [picture = ''] = await draw(drawnOf(speedUpsFigure(runsOf(cells))));
  assert.is(marks(picture, 'rect'), 3, 'a tick for each job');
  assert.is(marks(picture, 'symbol'), 2, 'a dot for each kind, and no value of the paper');
});

test('without a run every figure says in words why it is empty', () => {
  const cells = [
    failedCell('mesos', 1, 'it ran out of memory.'),
    failedCell('static', 1, 'it ran out of disk.'),
  ];
  for (const figure of figuresOf(cells)) {
    assert.is(figure.state, 'empty', figure.id);
    assert.match(figure.state === 'empty' ? figure.reason : '', 'it ran out of memory.', figure.id);
  }
});

test('without static partitions the Mesos half is drawn, and the figure says what is missing', async () => {
  const jobs = [job('1', 'k', 1, 10), job('2', 'k', 1, null)];
  const cells = [
    completedCell({ frameworks: [framework('a', jobs)] }),
    failedCell('static', 1, 'it ran out of disk.'),
  ];
  for (const figure of figuresOf(cells)) {
    if (NEEDS_BOTH.includes(figure.id) || NOT_KEPT.includes(figure.id)) {
      assert.is(figure.state, 'empty', figure.id);
      continue;
    }
    await draw(drawnOf(figure));
    if (figure.id !== 'virtual-locality')
      assert.match(drawnOf(figure).notes.join(' '), 'it ran out of disk.', figure.id);
  }
});

test('jobs that never ended keep the curve below the top, and are counted', () => {
  const cells = [
    completedCell({ frameworks: [framework('a', [job('1', 'k', 1, 10), job('2', 'k', 1, null)])] }),
  ];
  const figure = drawnOf(jobTimesFigure(runsOf(cells)));
  assert.equal(figure.datasets[0]?.rows, [['a', 'mesos', 10, 0.5]]);
  assert.match(figure.notes.join(' ').replaceAll('\u00a0', ' '), '1 job of a did not finish on Mesos');
});

test('empty series and no jobs leave a reason, not an empty frame', () => {
  const bare = { ...framework('a', []), share: { stepS: 2, values: [] }, locality: null };
  const cell = completedCell({ frameworks: [bare] });
  const empty = { stepS: 2, values: [] };
  const cells = [{ ...cell, offers: null, utilisation: { ...cell.utilisation, cpus: empty, mem: empty } }];
  const states = figuresOf(cells).map((figure) => [figure.id.replace('virtual-', ''), figure.state]);
  assert.equal(states, [
    ['shares', 'empty'],
    ['stacked', 'empty'],
    ['utilisation', 'empty'],
    ['speed-ups', 'empty'],
    ['job-times', 'empty'],
    ['locality', 'empty'],
    ['endings', 'drawn'],
    ['offer-flow', 'empty'],
    ['slowdowns', 'empty'],
    ['timeline', 'empty'],
  ]);
});

test('the overview has a row for each experiment and a mark for each claim with a ratio', async () => {
  const figure = drawnOf(claimsFigure(experiments));
  const [picture = ''] = await draw(figure);
  assert.is(marks(picture, 'symbol'), figure.datasets[0]?.rows.length);
  assert.is(new Set(figure.datasets[0]?.rows.map(([experiment]) => experiment)).size, 2);
  assert.match(figure.notes.join(' '), 'without a number of ours');
});

test('without claims, or without numbers for them, the overview says so', () => {
  assert.is(claimsFigure([]).state, 'empty');
  const without = mix.claims.map((claim) => ({ ...claim, ours: null }));
  assert.is(claimsFigure([{ ...mix, claims: without }]).state, 'empty');
  assert.is(experimentClaimsFigure({ ...mix, claims: without }), null);
});

test('long names of rows break near their middle where a chart is narrow, so that two of them never read the same', () => {
  const { labelExpr } = brokenNames(
    ['example of 9 CPUs and 18 GB, A', 'example of 9 CPUs and 18 GB, B', 'DRF'],
    290,
  );
  assert.match(labelExpr, '"example of 9 CPUs and 18 GB, A":["example of 9 CPUs","and 18 GB, A"]');
  assert.match(labelExpr, '"example of 9 CPUs and 18 GB, B":["example of 9 CPUs","and 18 GB, B"]');
  assert.not.match(labelExpr, 'DRF');
  assert.match(labelExpr, '> min(290, ');
});

test('names of rows that are too long for their room break in wide charts, too', async () => {
  const names = ['first iteration, Spark over Hadoop', 'later iteration, Hadoop over Spark', 'speed-up'];
  const rows = names.map((x) => ({ group: 'ours', x, ours: { value: 2, interval: null, n: 1 } }));
  const options = {
    id: 'a',
    title: 'A',
    alt: '',
    x: { title: '', scale: 'names' },
    y: { title: 'b' },
  } as const;
  const [picture = ''] = await draw(drawnOf(valuesFigure({ ...options, rows })));
  const labels = [...picture.matchAll(/<tspan[^>]*>([^<]*)</g)].map(([, text]) => text);
  assert.equal(labels, ['first iteration,', 'Spark over Hadoop', 'later iteration,', 'Hadoop over Spark']);
});

test('the overview draws what lies far off at its end, and a bound as far as it goes', () => {
  const [claim] = mix.claims;
  if (claim === undefined) throw new Error('the sample has no claim');
  const far = { ...claim, paper: 1, ours: { value: 1000, interval: [900, 1100], n: 3 } } as const;
  const bound = { ...far, label: 'a bound', bound: 'at-most' } as const;
  const figure = drawnOf(experimentClaimsFigure({ ...mix, claims: [far, bound] }) ?? undefined);
  const [first, second] = figure.datasets[0]?.rows ?? [];
  assert.equal(first?.slice(3, 11), [1, 1000, 900, 1100, claim.verdict, 16, 16, 16]);
  assert.ok(figure.notes.includes('2\u00a0claims beyond the axis, drawn at its end: see the table.'));
  assert.is(second?.[11], 0.0625);
});

test('an axis whose steps are factors says so', () => {
  assert.is(scaleTitle('time (s)', 'log'), 'time (s, log)');
  assert.is(scaleTitle('slots k', 'log'), 'slots k (log)');
  assert.is(scaleTitle('time (s)', 'linear'), 'time (s)');
});

test('an interval that has no room on the axis of ratios is told of', () => {
  const [claim] = mix.claims;
  if (claim === undefined) throw new Error('the sample has no claim');
  const below = { ...claim, paper: 4, ours: { value: 2, interval: [-1, 6], n: 6 } } as const;
  const within = { ...below, ours: { value: 2, interval: [1, 6], n: 6 } } as const;
  const notesOf = (one: typeof claim) =>
    drawnOf(experimentClaimsFigure({ ...mix, claims: [one] }) ?? undefined).notes;
  assert.equal(notesOf(below), ['1\u00a0interval beyond the axis, drawn to its end: see the table.']);
  assert.equal(notesOf(within), []);
});

test('ticks of logarithmic axes stay within them', () => {
  assert.equal(ratioTicks([0.4, 2.6]), [0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5]);
  assert.equal(ratioTicks([0.09, 11]), [0.1, 0.2, 0.5, 1, 2, 5, 10]);
  assert.equal(ratioTicks([0.93, 1.13]), [0.95, 1, 1.05, 1.1]);
  assert.equal(ratioTicks([0.93, 1.07]), [0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06]);
  assert.equal(logTicks(20, 700), [30, 100, 300]);
  assert.equal(logTicks(105, 260), [100, 150, 200]);
  assert.equal(logTicks(0.4, 0.9), [0.4, 0.6, 1]);
});

test.run();
