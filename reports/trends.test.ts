import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, type TopLevelSpec } from 'vega-lite';
import { MACHINE, recordOf } from '../harness/records/testRecords.ts';
import { trendsOf } from '../harness/records/trend.ts';
import { unpackedBlock } from './page/testBlocks.ts';
import { renderTrends } from './trends.ts';

const STEP = Array.from({ length: 20 }, (_, n) => recordOf(n, 100 + (n % 3) + (n < 12 ? 0 : 10)));
const STILL = Array.from({ length: 20 }, (_, n) => recordOf(n, 5 + (n % 2), { metric: 'launch/tasks' }));
const trends = trendsOf([...STEP, ...STILL]);
const page = async (parts: Partial<Parameters<typeof renderTrends>[0]> = {}) =>
  (await renderTrends({ trends, damaged: [], commitUrl: null, ...parts }, { bundles: '' })).replaceAll(
    '\u00a0',
    ' ',
  );

test('a change for the worse stands in the first sentence and in the table, with its commit', async () => {
  const text = await page();
  assert.match(text, '1 figure is worse since its latest change of level.');
  assert.match(text, recordOf(12, 0).commit.slice(0, 12));
  assert.match(text, 'Change 12');
  assert.match(text, '+9.8%');
});

test('without a change it says so', async () => {
  const text = await page({ trends: trendsOf(STILL) });
  assert.match(text, 'No figure changed its level.');
});

test('commits are links where it is known where they can be read', async () => {
  assert.match(
    await page({ commitUrl: 'https://example.org/c/{commit}' }),
    `href="https://example.org/c/${recordOf(12, 0).commit}"`,
  );
  assert.not.match(await page(), 'href="https://');
});

test('each machine has its own chart and a name, with memory and Node.js where processors do not tell them apart', async () => {
  const on = (parts: Partial<typeof MACHINE>) =>
    STEP.map((record) => ({ ...record, machine: { ...MACHINE, ...parts } }));
  const titles = (text: string): readonly string[] =>
    JSON.parse(unpackedBlock(text, 'figures') ?? '').figures[0].panels.map(
      ({ title }: { title: string }) => title,
    );
  assert.equal(titles(await page({ trends: trendsOf([...STEP, ...on({ cores: 8 })]) })).toSorted(), [
    'launch/us-per-launch, 2 × Test CPU',
    'launch/us-per-launch, 8 × Test CPU',
  ]);
  assert.equal(
    titles(await page({ trends: trendsOf([...STEP, ...on({ nodeVersion: 'v26.0.0' })]) })).toSorted(),
    [
      'launch/us-per-launch, 2 × Test CPU, 24.0\u00a0GiB, Node.js v24.1.0',
      'launch/us-per-launch, 2 × Test CPU, 24.0\u00a0GiB, Node.js v26.0.0',
    ],
  );
});

test('lines that could not be read are told', async () => {
  assert.match(
    await page({ damaged: ['r, line 7: JSON'] }),
    '1 line of the record file could not be read: r, line 7: JSON',
  );
});

test('what commits are called cannot become part of the page', async () => {
  const evil = STEP.map((record) => ({ ...record, subject: '</td><script>alert(1)</script>' }));
  assert.not.match(await page({ trends: trendsOf(evil) }), '<script>alert');
});

test('every chart compiles, and its datasets are there', async () => {
  const { figures, datasets } = JSON.parse(unpackedBlock(await page(), 'figures') ?? '');
  assert.is(figures.length, 1);
  assert.is(figures[0].panels.length, 2);
  for (const { spec } of figures[0].panels) compile({ ...spec, width: 300, datasets: {} } as TopLevelSpec);
  for (const key of Object.values(figures[0].datasets)) assert.ok(datasets[key as string]);
});

test('the same records make the same bytes', async () => {
  assert.is(await page(), await page({ trends: trendsOf([...STILL, ...STEP].toReversed()) }));
});

test.run();
