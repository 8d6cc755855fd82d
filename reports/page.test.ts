import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClaimResult, ExperimentResult, ReportData, Verdict } from '../harness/result.ts';
import { marks } from './figures/testDraw.ts';
import { chartLibraries } from './page/assets.ts';
import { renderReport } from './page.ts';
import { completedCell, failedCell, framework, job, valuesCell } from './results/testCells.ts';
import { FILES, GOLDEN, sampleReport, wordsOf } from './testdata/generate.ts';

const AGAIN = 'If the change is wanted, run: harness/node reports/testdata/generate.ts';

const golden = JSON.parse(readFileSync(FILES.data, 'utf8')) as ReportData;
const mix = golden.experiments[0] as ExperimentResult;
const text = (data: ReportData) => renderReport(data, { bundles: '' });

/** The first experiment of the golden data alone, with other parts. */
function dataWith(parts: Partial<ExperimentResult>): ReportData {
  return { ...golden, experiments: [{ ...mix, ...parts }] };
}

test('the stored data are what the generator makes', () => {
  assert.equal(golden, JSON.parse(JSON.stringify(sampleReport(GOLDEN))), AGAIN);
});

test('the golden data make the golden page', async () => {
  const lines = wordsOf(await text(golden)).split('\n');
  const wanted = readFileSync(FILES.page, 'utf8').split('\n');
  const at = lines.findIndex((line, index) => line !== wanted[index]);
  assert.is(
    at,
    -1,
    `line ${at + 1} differs.\n  is:     ${lines[at]?.slice(0, 300)}\n  wanted: ${wanted[at]?.slice(0, 300)}\n${AGAIN}`,
  );
  assert.is(lines.length, wanted.length, AGAIN);
});

test('the same data make the same bytes', async () => {
  assert.is(await renderReport(golden), await renderReport(JSON.parse(JSON.stringify(golden)) as ReportData));
});

test('the first chart is there before the scripts that draw it, in colours of both themes', async () => {
  const page = await renderReport(golden);
  const [before = ''] = page.split('</main>');
  const pictures = [
    ...before.matchAll(/<div class="chart"[^>]* data-chart="([^"]*)"[^>]*>(<svg .*?<\/svg>)<\/div>/g),
  ];
  assert.equal(
    pictures.map(([, name]) => name),
    ['overview-claims 0'],
  );
  assert.is(before.match(/<script/g)?.length, 1, 'the scripts that draw stand behind');
  const [, , picture = ''] = pictures[0] ?? [];
  assert.ok(marks(picture, 'symbol') > 5);
  assert.match(picture, 'fill="var(--reproduced)"');
  assert.not.match(picture, /#[0-9a-f]{3,6}"/);
});

test('where nothing is drawn, there is no picture either', async () => {
  const page = await renderReport({ schemaVersion: 2, experiments: [] });
  assert.not.match(page.split('</main>')[0] ?? '', '<svg class="marks"');
});

test('the policy forbids all network, and names each script by its hash', async () => {
  const page = await renderReport(golden);
  const policy = page.match(/Content-Security-Policy" content="([^"]*)"/)?.[1] ?? '';
  assert.match(policy, "default-src 'none'");
  assert.is(policy.match(/'sha256-/g)?.length, 3);
  assert.not.match(policy, /unsafe-eval|https?:|script-src[^;]*unsafe-inline/);
});

test('nothing in the page is loaded from elsewhere', async () => {
  const page = await text(golden);
  for (const [, target = ''] of page.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert.not.match(target, /^(https?:)?\/\//, `it links to ${target}`);
  }
  assert.not.match(page, /@import|url\(/);
});

test('the chart libraries are whole, carry their licences and no source maps', async () => {
  const libraries = chartLibraries();
  assert.not.match(libraries, 'sourceMappingURL');
  assert.is(libraries.match(/Redistribution and use in source and binary forms/g)?.length, 3);
  assert.not.match(libraries, '</script');
  assert.is(
    (await renderReport(golden)).split(libraries.slice(0, 4000)).length,
    2,
    'they are in the page once',
  );
});

test('hostile names, reasons and commands stay text', async () => {
  const evil = `</script><img src=x onerror=alert(1)>"'`;
  const cell = completedCell({ frameworks: [framework(evil, [job('1', evil, 1, 5)])] });
  const page = await text(
    dataWith({
      cells: [
        {
          ...cell,
          provenance: { ...cell.provenance, command: evil, cpuModel: evil, parameters: { [evil]: evil } },
        },
        failedCell('static', 1, evil),
      ],
      caveats: [evil],
    }),
  );
  assert.not.match(page, '<img');
  assert.is(page.match(/<script/g)?.length, page.match(/<\/script/g)?.length);
});

test('a history elsewhere is named but not linked', async () => {
  const cell = completedCell();
  for (const historyFile of ['javascript:alert(1)', 'https://example.org/h', '/etc/passwd', '\\\\host\\h']) {
    const page = await text(
      dataWith({ cells: [{ ...cell, harness: { ...cell.harness, historyFile } }], claims: [] }),
    );
    assert.not.match(page, `href="${historyFile.slice(0, 4)}`);
  }
});

test('the verdict sentence counts, and agrees with its numbers', async () => {
  const told = async (...verdicts: readonly Verdict[]): Promise<string> => {
    const claims = verdicts.map((verdict, at) => ({ ...mix.claims[at], verdict }) as ClaimResult);
    return (await text(dataWith({ claims }))).replaceAll('\u00a0', ' ');
  };
  assert.match(
    await told('reproduced', 'reproduced', 'deviates'),
    'Of 3 comparisons with the paper, 2 are reproduced and 1 deviates.',
  );
  assert.match(await told('deviates', 'deviates'), 'All 2 comparisons with the paper deviate.');
  assert.match(await told('inconclusive'), 'The one comparison with the paper is inconclusive.');
});

test('verdicts have a sign and a word, never colour alone', async () => {
  const marks = [
    ...(await text(golden)).matchAll(/<span class="verdict [^"]*">(.*?)<\/span> ([a-z -]+)<\/span>/g),
  ];
  assert.ok(marks.length > 10);
  for (const [, glyph = '', word = ''] of marks) {
    assert.match(glyph, /aria-hidden="true">\S$/);
    assert.match(word, /^[a-z -]{6,}$/);
  }
});

test('the paper’s numbers stand only beside those of clocks that the report compares with it', async () => {
  const mentions = (page: string) => page.match(/\(paper /g)?.length ?? 0;
  const virtualOnly = await text(dataWith({ claims: mix.claims.filter(({ clock }) => clock === 'virtual') }));
  assert.ok(mentions(virtualOnly) > 0 && mentions(virtualOnly) < mentions(await text(dataWith({}))));
  assert.is(mentions(await text(dataWith({ claims: [] }))), 0);
});

test('runs without jobs have no column for when the last one ended', async () => {
  const bare = valuesCell();
  const title = 'Last job ended after';
  assert.not.match(await text(dataWith({ cells: [bare], claims: [] })), title);
  assert.match(await text(dataWith({ cells: [bare, completedCell()], claims: [] })), title);
});

test('missing runs are counted and named', async () => {
  const page = (await text(golden)).replaceAll('\u00a0', ' ');
  assert.match(page, '8 of 9 runs completed');
  assert.match(
    page,
    'Static partitions, seed 2 (real processes; the machine’s fault): The machine ran out of memory',
  );
});

test('a run that the harness limited is marked where its numbers stand', async () => {
  const page = await text(dataWith({ cells: [completedCell({ limited: 'All cores were busy.' })] }));
  assert.match(page, 'Limited by the harness');
  assert.match(page, 'All cores were busy. Do not take these numbers for the system’s.');
});

test('where the harness limited some numbers of a run only, it is said that it is these', async () => {
  const cell = valuesCell({ values: { 'time (s)': 2 }, limitedValues: { 'time (s)': 'Job times differ.' } });
  const page = (await text(dataWith({ cells: [cell] }))).replaceAll('\u00a0', ' ');
  assert.match(page, 'Limited by the harness');
  assert.match(page, '1 run, in part: Job times differ. Do not take these numbers for the system’s.');
});

test('a report without cells, claims and caveats is still a page', async () => {
  const page = await text(dataWith({ cells: [], claims: [], caveats: [] }));
  assert.match(page, 'This report compares nothing with the paper.');
  assert.not.match(page, 'class="tally"', 'six times nothing is no news');
  assert.match(page, 'No run is part of this report.');
  assert.match(page, 'No run was checked.');
});

test('a report in which everything failed says so, and shows frames with reasons', async () => {
  const cells = [failedCell('mesos', 1, 'The master crashed.'), failedCell('static', 1, 'No disk.')];
  const page = (await text(dataWith({ cells, claims: [] }))).replaceAll('\u00a0', ' ');
  assert.match(page, '0 of 2 runs completed');
  assert.is(page.match(/<div class="nothing">/g)?.length, 10);
  assert.match(page, 'the fault of the system under test');
});

test('a report without an experiment is still a page', async () => {
  assert.match(
    await text({ schemaVersion: 2, experiments: [] }),
    'This report compares nothing with the paper.',
  );
});

test('runs of another size than the paper’s are said to be so', async () => {
  const data = sampleReport(GOLDEN);
  const experiments = data.experiments.map((one, n) => (n === 0 ? { ...one, scale: 0.1 } : one));
  const page = await renderReport({ ...data, experiments });
  assert.is(page.split('Run at 0.1 of the paper’s size').length, 2);
});

test('what was not to be run this time is named with the command that runs it', async () => {
  const page = await text(golden);
  assert.match(page, 'Not run this time');
  assert.match(
    page.replaceAll(/<\/?span>/g, ''),
    '100,000 slaves (emulated slaves): <code>npx lab run sweep --scenario slaves-100000</code>',
  );
});

test('every value of every scenario stands in a table, with its interval', async () => {
  const page = (await text(golden)).replaceAll('\u00a0', ' ');
  assert.match(page, /slaves-50000<\/th><td class="number">21\.5 <span class="interval">\[21, 22\]/);
  assert.match(page, /formula<\/th>(<td[^>]*><\/td>){2}<td class="number">50\.4<\/td>/);
});

test('claims stand below the name of their experiment, bounds in words', async () => {
  const page = (await text(golden)).replaceAll('\u00a0', ' ');
  const group = page.slice(page.indexOf('id="claims-of-sweep"'));
  assert.match(group, /data-verdict="reproduced"(.|\n)*at most 1,000 ms/);
  assert.match(group, 'does not depend on the seed');
});

test('ids are unique and every link within the page has a target', async () => {
  const page = await text(golden);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), `#${target}`);
});

test('a whole campaign of ten seeds stays below 3 MB', async () => {
  const data = sampleReport({ virtualSeeds: 10, realSeeds: 1, stepS: 2, scale: 1 });
  const bytes = Buffer.byteLength(await renderReport(data));
  assert.ok(bytes < 3_000_000, `${bytes} bytes`);
});

test.run();
