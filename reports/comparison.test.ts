import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { ComparisonData } from '../harness/comparison.ts';
import type { CellResult, ReportData } from '../harness/result.ts';
import { renderComparison } from './comparison.ts';
import { unpackedBlock } from './page/testBlocks.ts';
import { pairedCurves, pairedValues } from './results/overlay.ts';
import { comparisonOf, exactFigure, timedFigure } from './results/testComparison.ts';
import { FILES } from './testdata/generate.ts';

const FIGURES = [
  timedFigure('launch/cpu', 1.08),
  timedFigure('wire/envelopes', 1.2, { better: 'higher', verdict: 'better' }),
  exactFigure('macro/offers', 100, 101),
];
const golden = JSON.parse(readFileSync(FILES.data, 'utf8')) as ReportData;

async function page(
  parts: Partial<ComparisonData> = {},
  reports: { base: ReportData; head: ReportData } | null = null,
) {
  const comparison = comparisonOf({ figures: FIGURES, ...parts });
  return (await renderComparison({ comparison, reports }, { bundles: '' })).replaceAll('\u00a0', ' ');
}

const chartsOf = (text: string) => JSON.parse(unpackedBlock(text, 'figures') ?? '{}');

/** The same report, but each curve ends a second later. */
function otherCurves(report: ReportData): ReportData {
  const later = (cell: CellResult): CellResult =>
    cell.state === 'failed'
      ? cell
      : {
          ...cell,
          curves: Object.fromEntries(
            Object.entries(cell.curves).map(([name, { x, ...curve }]) => [
              name,
              { ...curve, x: [...x.slice(0, -1), (x.at(-1) ?? 0) + 1] },
            ]),
          ),
        };
  return {
    ...report,
    experiments: report.experiments.map((one) => ({ ...one, cells: one.cells.map(later) })),
  };
}

test('the first sentence says how many figures are worse', async () => {
  assert.match(await page(), '1 figure of 3 is worse.');
  assert.match(
    await page({ figures: [exactFigure('a', 1, 1)] }),
    'Of 1 figure that could be judged none is worse.',
  );
});

test('claims that are no longer reproduced are in the first sentence and in the table', async () => {
  const claim = {
    experiment: 'macro',
    id: 'x',
    claim: 'Large jobs are faster.',
    base: 'reproduced',
    head: 'deviates',
  } as const;
  const text = await page({ claims: [claim, { ...claim, id: 'y', head: 'reproduced' }] });
  assert.match(text, '1 figure of 3 is worse and 1 claim of the paper is no longer reproduced.');
  assert.match(text, 'Large jobs are faster.');
  assert.match(text, '1 claim of 2 has another verdict.');
});

test('what must not be compared is said first, with the reason', async () => {
  const text = await page({ incomparable: ['The seeds differ.'], figures: [] });
  assert.match(text, 'These two must not be compared.');
  assert.match(text, 'The seeds differ.');
});

test('a figure of which more is better is turned over: right is worse', async () => {
  const { datasets } = chartsOf(await page());
  const rows = datasets['comparison/effects'].rows as readonly (readonly unknown[])[];
  assert.equal(
    rows.map(([id, effect]) => [id, Math.round((effect as number) * 100) / 100]),
    [
      ['wire/envelopes', 0.83],
      ['launch/cpu', 1.08],
    ],
  );
});

test('a reason stands with its verdict, and each cell names its column for screens on which rows are cards', async () => {
  const text = await page({ figures: [timedFigure('launch/cpu', 1.08, { why: 'It is +8% & more.' })] });
  assert.match(
    text,
    /data-label="Verdict"><span class="verdict deviates">.*worse<\/span> <span class="why">It is \+8% &amp; more\.</,
  );
  assert.match(text, /role="cell" data-label="Detectable" class="number">2\.0/);
});

test('the first event that differs can be opened', async () => {
  const text = await page();
  assert.match(text, 'First event that differs: macro/offers, seed 1, line 3');
  assert.match(text, '{&quot;event&quot;:&quot;offer-sent&quot;,&quot;t&quot;:13}');
});

test('figures that are the same do not bury those that differ', async () => {
  const text = await page({ figures: [exactFigure('macro/offers', 5, 6), exactFigure('macro/tasks', 7, 7)] });
  assert.match(text, '1 figure of which not a bit differs');
  assert.ok(text.indexOf('macro/offers') < text.indexOf('1 figure of which not a bit differs'));
  assert.match(await page({ figures: [exactFigure('a', 1, 1)] }), 'None of 1 figure differs in a bit.');
});

test('what has no counterpart is in the contents and in a table', async () => {
  const unmatched = {
    kind: 'unmatched',
    id: 'pass',
    verdict: 'not judged',
    why: 'the base has none',
  } as const;
  const text = await page({ figures: [unmatched] });
  assert.match(text, 'href="#failed"');
  assert.match(text, 'the base has none');
});

test('what failed is told with its last words', async () => {
  const failed = {
    kind: 'failed',
    id: 'sort',
    side: 'head',
    verdict: 'failed',
    why: 'it ended: no space',
  } as const;
  assert.match(await page({ figures: [failed] }), 'it ended: no space');
});

test('reports lie over each other, curve by curve and value by value', async () => {
  assert.ok(pairedCurves(golden, golden).length > 3);
  for (const { base, head } of pairedValues(golden, golden)) assert.is(base, head);
  const text = await page({}, { base: golden, head: otherCurves(golden) });
  assert.match(text, 'How do the curves and values of both reports lie over each other?');
  assert.ok(chartsOf(text).figures.length > 4);
});

test('runs that have no number for a value do not count as 0 in its median', () => {
  const name = 'launch delay (ms)';
  // What is not a number is null in the file.
  const gone = (seeds: number): ReportData =>
    JSON.parse(JSON.stringify(golden), (_, value) =>
      value?.provenance?.scenario === 'slaves-1000' && value.provenance.seed <= seeds
        ? { ...value, values: { ...value.values, [name]: null } }
        : value,
    );
  const medians = (seeds: number): readonly number[] =>
    pairedValues(golden, gone(seeds)).flatMap((one) =>
      one.name === name && one.base === 9.25 ? [one.head] : [],
    );
  assert.equal([0, 1, 2, 3].map(medians), [[9.25], [9.5], [9.75], []]);
});

test('curves that are the same on both sides are counted, and not drawn', async () => {
  const text = await page({}, { base: golden, head: golden });
  assert.match(text, 'All curves are the same on both sides to the last point, and are not drawn.');
  assert.is(chartsOf(text).figures.length, 2);
});

test('the first event that differs stands once for all figures of its scenario', async () => {
  const text = await page({
    figures: [exactFigure('macro/mesos/offers sent', 1, 2), exactFigure('macro/mesos/makespan (s)', 1, 2)],
  });
  assert.is(text.split('First event that differs').length, 2);
});

test('scenarios that only one report has are left out', () => {
  const [first] = golden.experiments;
  const without = { ...golden, experiments: first === undefined ? [] : [{ ...first, cells: [] }] };
  assert.equal(pairedCurves(golden, without), []);
});

test('every chart compiles, and its datasets are there', async () => {
  const { figures, datasets } = chartsOf(await page({}, { base: golden, head: otherCurves(golden) }));
  for (const figure of figures) {
    for (const { spec } of figure.panels) compile({ ...spec, width: 300, datasets: {} } as TopLevelSpec);
    for (const key of Object.values(figure.datasets)) assert.ok(datasets[key as string]);
  }
});

test('names of sides and reasons cannot become part of the page', async () => {
  const side = { ...comparisonOf().head, name: '<script>alert(1)</script>' };
  const text = await page({ head: side, incomparable: ['<img src=x>'] });
  assert.not.match(text, '<script>alert');
  assert.not.match(text, '<img');
});

test.run();
