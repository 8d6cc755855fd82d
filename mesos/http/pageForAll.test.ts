/** The page of the master by keyboard, on small screens, in the dark, and with large clusters. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../isolation/testContainers.ts';
import { SLAVE_INBOX } from '../protocol/message.ts';
import { browserTest, closeBrowser, type Look, overflow } from './testBrowser.ts';
import { type TestMaster, withMaster } from './testMaster.ts';
import { busy, cells, look } from './testPage.ts';

const suiteOf = suite('the page, for everybody');
suiteOf.after(closeBrowser);

/** A test of the page of a master. What the browser complains of fails it. */
function test(name: string, run: (master: TestMaster) => Promise<void>): void {
  browserTest(suiteOf, name, () => withMaster(run));
}

// --- keyboard, small screens, dark ---

test('all of it can be done by keyboard', async (master) => {
  await busy(master, 2);
  await look(master, '#/slaves', async ({ page }) => {
    const focused = page.locator(':focus');
    const active = () =>
      page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText.trim()",
      );
    const press = (key: string) => page.keyboard.press(key);
    await cells(page, 'node2').waitFor();
    await press('Tab');
    assert.is(await focused.innerText(), 'To the content');
    assert.ok((await focused.boundingBox())?.x ?? -1 > 0, 'the link is to be seen');
    await press('Enter');
    assert.is(await focused.getAttribute('id'), 'main');
    await press('/');
    assert.is(await focused.getAttribute('aria-label'), 'Filter slaves');
    await page.keyboard.type('node');
    await press('ArrowDown');
    assert.is(await focused.getAttribute('role'), 'grid');
    assert.is(await active(), 'node1');
    await press('ArrowDown');
    assert.is(await active(), 'node2');
    await press('ArrowRight');
    assert.match(`${await active()}`, 'active');
    await press('Home');
    await press('ArrowUp');
    assert.is(await active(), 'State');
    await press('ArrowLeft');
    assert.match(`${await active()}`, 'Slave');
    await press('Enter');
    await page.locator('[aria-sort="descending"]').waitFor();
    // The rows of the former order stay until the others are there.
    await page.locator('[aria-rowindex="2"]', { hasText: 'node2' }).waitFor();
    await press('ArrowDown');
    assert.is(await active(), 'node2');
    await press('Enter');
    await page.getByRole('heading', { name: 'node2' }).waitFor();
    assert.is(await focused.getAttribute('id'), 'main');
    await press('?');
    await page.getByRole('dialog', { name: 'Keys and words' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

test('single keys can be turned off', async (master) => {
  await master.addSlave();
  await look(master, '#/slaves', async ({ page }) => {
    await page.getByRole('button', { name: 'Help' }).click();
    await page.getByRole('checkbox').uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('/');
    assert.is(await page.locator('[data-filter]:focus').count(), 0);
  });
});

const PLACES = ['', '#/frameworks', '#/slaves', '#/tasks', '#/offers', '#/roles', '#/shares'];

for (const scheme of ['light', 'dark'] as const)
  test(`nothing is wider than a small screen, everything has a name (${scheme})`, async (master) => {
    const framework = await busy(master, 1, 'a-framework-whose-name-is-longer-than-a-small-screen-is-wide');
    const id = await framework.frameworkId();
    const [slaveId = ''] = master.window.reign?.books.slaves.keys() ?? [];
    const details = [`#/framework/${id}`, `#/framework/${id}/why`, `#/slave/${slaveId}`];
    const how: Look = { width: 360, height: 640, scheme };
    await look(
      master,
      '',
      async ({ page }) => {
        const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        assert.is(ground, scheme === 'dark' ? 'rgb(18, 21, 24)' : 'rgb(250, 249, 246)');
        for (const place of [...PLACES, ...details]) {
          await page.goto(`http://127.0.0.1:${master.port}/${place}`);
          await page.locator('main h1').first().waitFor({ state: 'attached' });
          await page.locator('.connection', { hasText: 'live' }).waitFor();
          assert.is(await overflow(page), 0, place);
          assert.equal(await nameless(page), [], place);
        }
      },
      how,
    );
  });

/** Controls that have no name, tables that have none. */
function nameless(page: Page): Promise<string[]> {
  return page.$$eval('button, a, input, select, [role="grid"], [role="region"]', (elements) =>
    elements
      .filter((one) => !(one.getAttribute('aria-label') || one.textContent?.trim() || one.closest('label')))
      .map((one) => one.outerHTML.slice(0, 100)),
  );
}

test('the theme can be chosen, and stays', async (master) => {
  await look(master, '', async ({ page }) => {
    const button = page.getByRole('button', { name: 'Dark' });
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    assert.is(await button.getAttribute('aria-pressed'), 'false');
    await button.click();
    assert.is(await ground(), 'rgb(18, 21, 24)');
    await page.reload();
    assert.is(await page.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed'), 'true');
    assert.is(await ground(), 'rgb(18, 21, 24)');
  });
});

test('who wants no motion gets none', async (master) => {
  await busy(master, 1);
  await look(master, '', async ({ page }) => {
    await page.locator('.stack .fill').first().waitFor();
    const transition = () =>
      page.evaluate("getComputedStyle(document.querySelector('.stack .fill')).transitionDuration");
    assert.is(await transition(), '0.25s');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.is(await transition(), '0s');
  });
});

// --- large clusters ---

const SLAVES = 10_000;

/** Slaves that are there and do nothing. */
function manySlaves({ wire }: TestMaster): void {
  for (let n = 1; n <= SLAVES; n++)
    wire.spawn(`slave-${n}`, {
      inbox: SLAVE_INBOX,
      create(context) {
        context.send(wire.address('master'), {
          type: 'REGISTER_SLAVE',
          slaveInfo: {
            hostname: `node${n}.example.org`,
            resources: { cpus: 8, mem: 8192 },
            attributes: { rack: `r${n % 40}` },
          },
        });
        return {
          receive(order) {
            if (order.type === 'PING') context.send(wire.address('master'), { type: 'PONG' });
          },
        };
      },
    });
}

test('a table of ten thousand slaves scrolls, filters and sorts, and a few rows are drawn', async (master) => {
  manySlaves(master);
  // Before the page is opened, which else draws all of them as they come.
  await until(() => master.window.reign?.books.slaves.size === SLAVES);
  await look(master, '#/slaves', async ({ page }) => {
    const tally = (text: string) => page.locator('.tally', { hasText: text }).waitFor();
    await tally('10,000 slaves');
    await cells(page, 'node1.example.org').waitFor();
    const drawn = () => page.locator('.rows .row').count();
    assert.ok((await drawn()) < 60, `${await drawn()} rows`);
    await page.evaluate("document.querySelector('.grid').scrollTo(0, 1e9)");
    await cells(page, 'node10000.example.org').waitFor();
    assert.ok((await drawn()) < 60, `${await drawn()} rows`);
    await page.locator('.grid').focus();
    await page.keyboard.press('Home');
    await cells(page, 'node1.example.org').waitFor();
    await page.keyboard.press('End');
    await cells(page, 'node10000.example.org').waitFor();
    await page.getByLabel('Filter slaves').fill('rack:r7 node99');
    await tally('2 of 10,000 slaves');
    await page.getByLabel('Filter slaves').fill('');
    await page.getByRole('columnheader', { name: 'Slave' }).getByRole('button').click();
    await cells(page, 'node10000.example.org').waitFor();
    assert.is(await page.locator('.rows .row').first().getAttribute('aria-rowindex'), '2');
  });
});

suiteOf.run();
