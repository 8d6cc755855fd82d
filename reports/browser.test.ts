/** The page in a real browser, from a file, as a reader opens it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, type TopLevelSpec } from 'vega-lite';
import { CHROMIUM, CHROMIUM_FLAGS } from '../mesos/http/testBrowser.ts';
import { renderReport } from './page.ts';
import { sampleReport } from './testdata/generate.ts';

const MISSING = `There is no browser at ${CHROMIUM}: install Debian's package chromium to test the report in it.`;

/** Longest wait for charts: so long only where it would be for ever. */
const PATIENCE_MS = 300_000;

/** How a page is opened. */
interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly scripts: boolean;
  /** Where the reader begins, e.g. `#glossary`; default the top. */
  readonly anchor?: string;
  /** A tab in the background: nothing is laid out. */
  readonly hidden?: boolean;
  /** It is not waited for that all charts are drawn. */
  readonly isHasty?: boolean;
}

/** A page that is open, and what it did. */
interface Opened {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

const WIDE: View = { width: 1280, scheme: 'light', scripts: true };
const TABLET: View = { ...WIDE, width: 768, scheme: 'dark' };
const PHONE: View = { ...WIDE, width: 390 };
const SMALL_PHONE: View = { ...WIDE, width: 320 };
const PLAIN: View = { ...WIDE, scripts: false };
const ELSEWHERE: View = { ...WIDE, anchor: '#sweep-by-scenario', isHasty: true };

/** Makes a page that is looked at believe that it is in the background. */
const HIDE = `
  Object.defineProperty(document, 'hidden', { value: true });
  IntersectionObserver = class { observe() {} disconnect() {} };
`;

/** What a reader sees of the first chart's place. */
interface Glance {
  /** Charts that are visible. */
  readonly shown: number;
  /** What is visible is drawn by the script. */
  readonly isLive: boolean;
  /** In pixels. */
  readonly height: number;
}

/**
 * Looks at the first chart's place whenever it has changed, before that is painted. Not before something stands behind the place: the parser
 * stops where it likes, also between the two pictures of which the style sheet shows one.
 */
const GLANCE = `
  globalThis.glances = [];
  const glance = () => {
    const place = document.querySelector('.chart');
    if (place === null || place.nextSibling === null) return;
    const shown = [...place.querySelectorAll('svg')].filter((svg) => svg.checkVisibility({ visibilityProperty: true }));
    const isLive = shown.some((svg) => svg.parentElement !== place);
    glances.push({ shown: shown.length, isLive, height: place.getBoundingClientRect().height });
  };
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target instanceof Element && target.closest('.chart') === document.querySelector('.chart'))) glance();
  }).observe(document, { childList: true, subtree: true, attributes: true });
  document.addEventListener('DOMContentLoaded', glance);
`;

/** The browser and the folder with the page; started by the first test. */
let started: Promise<{ readonly browser: Browser; readonly folder: string; readonly url: string }> | null =
  null;
const opened = new Map<View, Promise<Opened>>();

async function start() {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const file = join(folder, 'report.html');
  writeFileSync(
    file,
    await renderReport(sampleReport({ virtualSeeds: 3, realSeeds: 1, stepS: 5, scale: 1 })),
  );
  return { browser, folder, url: pathToFileURL(file).href };
}

/** The page in this view; tests that ask for the same view share it. */
function open(view: View): Promise<Opened> {
  const known = opened.get(view) ?? openNew(view);
  opened.set(view, known);
  return known;
}

async function openNew(view: View): Promise<Opened> {
  const { width, scheme, scripts, anchor = '', hidden = false, isHasty = false } = view;
  started ??= start();
  const { browser, url } = await started;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: scripts,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.addInitScript(hidden ? HIDE : GLANCE);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${url}${anchor}`);
  page.setDefaultTimeout(PATIENCE_MS);
  if (scripts && !hidden && !isHasty) await page.waitForSelector('html[data-charts="drawn"]');
  return { page, requests, complaints };
}

/** A style of the first element that fits, as the browser computes it. */
function style(page: Page, selector: string, property: string): Promise<string> {
  return page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);
}

const browserTest = suite('browser');
const there = existsSync(CHROMIUM);

/**
 * Registers a test. Without a browser it fails, so that nobody takes silence for success; on a desk it is
 * skipped.
 */
function test(name: string, run: () => Promise<void>): void {
  if (there) browserTest(name, run);
  else if (process.env.CI === undefined) browserTest.skip(name, run);
  else
    browserTest(name, () => {
      throw new Error(MISSING);
    });
}
if (!there) console.log(MISSING);

browserTest.after(async () => {
  if (started === null) return;
  const { browser, folder } = await started;
  await browser.close();
  rmSync(folder, { recursive: true });
});

test('it asks for one file, itself, and complains of nothing', async () => {
  const { requests, complaints } = await open(WIDE);
  assert.equal(requests, [(await started)?.url]);
  assert.equal(complaints, []);
});

test('every chart of every figure is drawn with marks', async () => {
  const { page } = await open(WIDE);
  const marks = ['line path', 'area path', 'rect path', 'symbol path', 'rule line'].map(
    (mark) => `svg .mark-${mark}`,
  );
  const counts: { figure: string; marks: number }[] = await page.$$eval(
    'figure[data-figure] .chart',
    (charts, selector) =>
      charts.map((chart) => ({
        figure: chart.closest('figure')?.id ?? '',
        marks: chart.querySelectorAll(selector).length,
      })),
    marks.join(', '),
  );
  assert.ok(counts.length >= 50, `${counts.length} charts`);
  assert.equal(
    counts.filter((one) => one.marks === 0),
    [],
  );
});

test('the first chart is there without scripts, in the colours of the theme', async () => {
  const { page } = await open(PLAIN);
  const picture = page.locator('.chart svg:visible');
  assert.is(await picture.count(), 1);
  const scale = (): Promise<number> =>
    picture.evaluate((svg: { getScreenCTM(): { a: number } }) => svg.getScreenCTM().a);
  assert.ok((await scale()) > 0.9);
  await page.setViewportSize({ width: 360, height: 900 });
  assert.is(await picture.count(), 1);
  assert.ok((await scale()) > 0.9, 'on a phone its letters are as large as the others');
  await page.setViewportSize({ width: WIDE.width, height: 900 });
  const mark = '.chart .mark-symbol path';
  const light = await style(page, mark, 'fill');
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.is.not(await style(page, mark, 'fill'), light);
  await page.emulateMedia({ colorScheme: 'light' });
});

for (const view of [WIDE, PHONE]) {
  test(`the picture of the first chart stays until the chart is there, at a width of ${view.width} pixels`, async () => {
    const { page } = await open(view);
    const seen: readonly Glance[] = await page.evaluate('glances');
    assert.ok(seen.length > 1);
    assert.equal(
      [...new Set(seen.map(({ shown }) => shown))],
      [1],
      'one is shown at any time, the picture or the chart',
    );
    assert.equal([...new Set(seen.map(({ height }) => height))].length, 1, 'it is as high as the chart');
    const isChart = seen.map(({ isLive }) => isLive);
    assert.equal([isChart[0], isChart.at(-1)], [false, true]);
  });
}

test('charts near the reader are drawn first, wherever that is', async () => {
  // Not `waitForFunction`: the page's policy forbids what that makes of a text.
  const firstDrawn = (page: Page): Promise<string> =>
    page.evaluate(`new Promise((resolve) => {
      const look = () => {
        const mark = performance.getEntriesByType('mark').find(({ name }) => name.startsWith('figure '));
        if (mark === undefined) requestAnimationFrame(look);
        else resolve(mark.name);
      };
      look();
    })`);
  assert.is(await firstDrawn((await open(WIDE)).page), 'figure overview-claims');
  const { page } = await openNew(ELSEWHERE);
  assert.is(await firstDrawn(page), 'figure sweep-against-paper');
  await page.context().close();
});

test('in a tab in the background charts are drawn too, one after the other', async () => {
  const { page, complaints } = await openNew({ ...ELSEWHERE, hidden: true });
  for (const id of ['overview-claims', 'mix-against-paper'])
    await page.locator(`[data-figure="${id}"] .chart svg`).first().waitFor({ state: 'attached' });
  assert.equal(complaints, []);
  await page.close();
});

test('claims of one verdict are shown by keyboard, then all again', async () => {
  const { page } = await open(WIDE);
  const shown = () => page.locator('tr[data-verdict]:visible').count();
  const all = await shown();
  const wanted = await page.locator('tr[data-verdict="not run"]').count();
  assert.ok(wanted > 0 && wanted < all);
  const button = page.locator('button[data-verdict="not run"]');
  await button.focus();
  await page.keyboard.press('Enter');
  assert.is(await shown(), wanted);
  assert.is(await button.getAttribute('aria-pressed'), 'true');
  const bare = page.locator('#claims tbody:visible:not(:has(tr[data-verdict]:not([hidden])))');
  assert.is(await bare.count(), 0, 'no name of an experiment without a row');
  assert.is(await page.locator('#live').textContent(), `${wanted} of ${all} claims are shown.`);
  await page.keyboard.press('Enter');
  assert.is(await shown(), all);
});

test('the contents mark the part that is being read, and list its topics', async () => {
  const { page } = await openNew(ELSEWHERE);
  await page.locator('.contents a[href="#sweep"][aria-current]').waitFor();
  assert.ok(await page.locator('.contents a[href="#sweep-by-scenario"]').isVisible());
  assert.not(await page.locator('.contents a[href="#mix-virtual-shares"]').isVisible());
  await page.context().close();
});

test('the theme follows the system, and the button changes it by keyboard', async () => {
  const { page } = await open(TABLET);
  const looks = async () => ({
    ground: await style(page, 'body', 'backgroundColor'),
    line: await style(page, '#figure-mix-virtual-shares .mark-line path', 'stroke'),
    pressed: await page.getAttribute('#theme', 'aria-pressed'),
  });
  const dark = await looks();
  assert.is(dark.pressed, 'true');
  await page.keyboard.press('Tab');
  assert.is(await page.locator(':focus').textContent(), 'To the report');
  await page.keyboard.press('Tab');
  assert.is(await page.locator(':focus').getAttribute('id'), 'theme');
  await page.keyboard.press('Enter');
  const light = await looks();
  assert.is(light.pressed, 'false');
  assert.is.not(light.ground, dark.ground);
  assert.is.not(light.line, dark.line, 'charts change with the page');
  await page.keyboard.press('Space');
  assert.equal(await looks(), dark);
});

test('on paper it is light and without controls', async () => {
  const { page } = await open(TABLET);
  await page.emulateMedia({ media: 'print' });
  assert.is(await style(page, 'body', 'backgroundColor'), 'rgb(255, 255, 255)');
  assert.is(await page.locator('button:visible, nav:visible').count(), 0);
  assert.ok((await page.locator('td .on-paper:visible').count()) > 0, 'commands stand in place of buttons');
  const broken: readonly string[] = await page.evaluate(`[...document.querySelectorAll('code > span')]
    .filter((word) => word.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(word).lineHeight))
    .map((word) => word.textContent)`);
  assert.equal(broken, [], 'no word of a command breaks');
  await page.emulateMedia({ media: 'screen' });
});

test('a command is copied by keyboard, and the page says so', async () => {
  const { page } = await open(WIDE);
  const button = page.locator('#mix-virtual-shares button[data-do="copy"]');
  const commands = await page.locator('#mix-virtual-shares .command code').textContent();
  await button.focus();
  await page.keyboard.press('Enter');
  await button.filter({ hasText: 'Copied' }).waitFor();
  assert.is(await page.locator('#live').textContent(), 'Copied to the clipboard.');
  assert.is(await page.evaluate('navigator.clipboard.readText()'), commands);
  await page.keyboard.press('Tab');
  assert.is(await button.textContent(), 'Copy');
});

test('the copied specification is one that Vega-Lite takes', async () => {
  const { page } = await open(WIDE);
  const button = page.locator('#figure-mix-virtual-shares button[data-do="spec"]');
  await button.click();
  await button.filter({ hasText: 'Copied' }).waitFor();
  const text: string = await page.evaluate('navigator.clipboard.readText()');
  assert.not.match(text, 'var(--');
  const warnings: string[] = [];
  const note = (...args: readonly unknown[]) => {
    warnings.push(args.join(' '));
    return logger;
  };
  const logger = { warn: note, error: note, info: () => logger, debug: () => logger, level: () => logger };
  compile(JSON.parse(text) as TopLevelSpec, { logger: logger as never });
  assert.equal(warnings, []);
});

test('the table behind a chart opens by keyboard and holds every row', async () => {
  const { page } = await open(WIDE);
  const details = page.locator('#figure-mix-virtual-speed-ups details').first();
  await details.locator('summary').focus();
  await page.keyboard.press('Enter');
  await details.locator('table').waitFor();
  assert.is(await details.locator('tbody tr').count(), 11);
  assert.is(await details.locator('thead th').first().textContent(), 'framework');
});

test('a figure is saved as SVG with plain colours', async () => {
  const { page } = await open(WIDE);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#figure-mix-virtual-shares button[data-do="svg"]').click(),
  ]);
  assert.is(download.suggestedFilename(), 'mix-virtual-shares.svg');
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const svg = Buffer.concat(chunks).toString();
  assert.match(svg, /^<svg xmlns/);
  assert.match(svg, 'facebook-hadoop');
  assert.not.match(svg, 'var(--');
});

test('a figure is saved as SVG also before its turn to be drawn has come', async () => {
  const { page, complaints } = await openNew({ ...WIDE, isHasty: true });
  const figure = page.locator('figure[data-figure]').last();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    figure.locator('button[data-do="svg"]').click(),
  ]);
  assert.is(download.suggestedFilename(), `${await figure.getAttribute('data-figure')}.svg`);
  assert.equal(complaints, []);
  await page.context().close();
});

test('every control has a name, every table a caption, every chart a description', async () => {
  const { page } = await open(WIDE);
  const tables = page.locator('details[data-table]');
  await tables.evaluateAll((all) => {
    for (const one of all) one.setAttribute('open', '');
  });
  await tables.last().locator('table').waitFor();
  const nameless: string[] = await page.$$eval('button, a, table, .chart', (elements) =>
    elements
      .filter((element) => {
        const text = element.querySelector('caption') ?? (element.matches('button, a') ? element : null);
        return !(element.getAttribute('aria-label') || text?.textContent?.trim());
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  );
  assert.equal(nameless, []);
  const levels: number[] = await page.$$eval('h1, h2, h3', (headings) =>
    headings.map(({ tagName }) => Number(tagName.slice(1))),
  );
  assert.ok(
    levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
    'no level of heading is left out',
  );
});

/** Texts of charts that were cut, or that lie outside their chart by more than the room around it. */
const CUT_TEXTS = `[...document.querySelectorAll('.chart svg')].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
  const room = svg.getBoundingClientRect();
  const isCut = (text) => {
    const { left, right, width } = text.getBoundingClientRect();
    return width > 0 && (text.textContent.includes('…') || left < room.left - 13 || right > room.right + 13);
  };
  return [...svg.querySelectorAll('text')].filter(isCut).map((text) => text.textContent);
})`;

test('no name of a row and no title of an axis is cut on the smallest telephone', async () => {
  const { page } = await open(SMALL_PHONE);
  assert.equal(await page.evaluate(CUT_TEXTS), []);
});

for (const view of [SMALL_PHONE, PHONE, TABLET]) {
  const { width } = view;
  test(`nothing sticks out at a width of ${width} pixels`, async () => {
    const { page } = await open(view);
    assert.is(await page.evaluate('document.documentElement.scrollWidth'), width);
    const cut: string[] = await page.$$eval('.chart', (charts) =>
      charts
        .filter(
          (chart) => (chart.querySelector('svg')?.getBoundingClientRect().width ?? 0) > chart.clientWidth + 1,
        )
        .map((chart) => chart.closest('figure')?.id ?? ''),
    );
    assert.equal(cut, []);
  });
}

test('without scripts the findings and tables are there, and a word about the charts', async () => {
  const { page } = await open(PLAIN);
  assert.match((await page.locator('noscript').textContent()) ?? '', 'charts');
  const words: string = await page.evaluate(
    `getComputedStyle(document.querySelector('.chart:empty'), '::before').content`,
  );
  assert.match(words, 'This chart is drawn by a script.');
  assert.is(await page.locator('.finding').count(), 20);
  assert.is(await page.locator('button:visible').count(), 0);
});

browserTest.run();
