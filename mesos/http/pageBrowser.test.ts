/** The page of the master in a real browser: a real master, slaves whose tasks sleep, and frameworks over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileLockElection } from '../election/fileLock.ts';
import { SLAVE_INBOX } from '../protocol/message.ts';
import { browserTest, closeBrowser, type Look, overflow, type Visit, visit } from './testBrowser.ts';
import {
  accept,
  type Subscription,
  sleepTask,
  startTestMaster,
  type TestMaster,
  type TestMasterOptions,
  withMaster,
} from './testMaster.ts';

const suiteOf = suite('the page in a browser');
suiteOf.after(closeBrowser);

/** A test of the page of a master. What the browser complains of fails it. */
function test(
  name: string,
  run: (master: TestMaster) => Promise<void>,
  options: TestMasterOptions = {},
): void {
  browserTest(suiteOf, name, () => withMaster(run, options));
}

/** Looks at a place in the page. */
function look(
  { port }: TestMaster,
  place: string,
  run: (visit: Visit) => Promise<void>,
  how: Look = {},
): Promise<void> {
  return visit(`http://127.0.0.1:${port}/${place}`, how, async (own) => {
    await run(own);
    assert.equal(own.complaints, []);
  });
}

/** A framework with a task on each of so many slaves; the tasks sleep for long. */
async function busy(master: TestMaster, slaves: number, name = 'sleepers'): Promise<Subscription> {
  const framework = await master.subscribe({ info: { name, role: 'gold' } });
  const frameworkId = await framework.frameworkId();
  for (let n = 0; n < slaves; n++) {
    await master.addSlave();
    const [offer] = (await framework.find('OFFERS')).offers?.offers ?? [];
    if (offer === undefined) throw new Error('there was no offer');
    const tasks = [sleepTask(offer.agent_id.value, `sleep-${n + 1}`, 1e9, 2)];
    await master.call(accept(frameworkId, [offer.id.value], tasks), framework.streamId);
    await acknowledge(master, framework);
  }
  return framework;
}

/** Waits for an update and acknowledges it, so that the next can come. */
async function acknowledge(master: TestMaster, framework: Subscription): Promise<void> {
  const { update } = await framework.find('UPDATE');
  const { agent_id, task_id, uuid } = update?.status ?? {};
  if (agent_id === undefined || task_id === undefined || uuid === undefined)
    throw new Error('the update wants no acknowledgement');
  await master.call(
    {
      framework_id: { value: await framework.frameworkId() },
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id, task_id, uuid },
    },
    framework.streamId,
  );
}

const cells = (page: Page, text: string) => page.locator('.rows .row', { hasText: text });
const seen = (page: Page, text: string | RegExp) => page.locator('main').getByText(text).first().waitFor();

// --- what it shows ---

test('it shows the cluster at a glance', async (master) => {
  await busy(master, 2);
  await look(master, '', async ({ page }) => {
    await seen(page, '2 tasks run for 1 framework on 2 slaves.');
    await seen(page, '4 in use');
    await seen(page, `127.0.0.1:${master.port}`);
    assert.is(await page.title(), 'Overview · mesos-lab');
    assert.match(await page.locator('.leading li').innerText(), /sleepers\s+gold\s+50% CPUs\s+2 tasks/);
  });
});

test('it follows what happens, without being loaded again', async (master) => {
  const framework = await busy(master, 2);
  const frameworkId = await framework.frameworkId();
  await look(master, '#/tasks', async ({ page }) => {
    await cells(page, 'sleep-1').getByText('running').waitFor();
    await page.evaluate('window.isSamePage = true');
    const kill = { kill: { task_id: { value: 'sleep-1' } } };
    await master.call({ framework_id: { value: frameworkId }, type: 'KILL', ...kill }, framework.streamId);
    await cells(page, 'sleep-1').getByText('killed').waitFor();
    assert.is(await cells(page, 'sleep-2').getByText('running').count(), 1);
    await master.addSlave('cpus:1;mem:64', 'latecomer');
    await page.getByRole('link', { name: 'Slaves' }).click();
    await cells(page, 'latecomer').waitFor();
    assert.is(await page.evaluate('window.isSamePage'), true);
  });
});

test(
  'a slave that leaves is gone from the page',
  async (master) => {
    const leaving = await master.addSlave('cpus:1;mem:64', 'leaver');
    await master.addSlave('cpus:1;mem:64', 'stayer');
    await look(master, '#/slaves', async ({ page }) => {
      await cells(page, 'leaver').click();
      await page.locator('.tally', { hasText: '2 slaves' }).waitFor();
      await leaving.close();
      await page.locator('.tally', { hasText: /^1 slave$/ }).waitFor();
      assert.is(await cells(page, 'leaver').count(), 0);
      assert.is(await cells(page, 'stayer').count(), 1);
    });
  },
  { master: { reregisterTimeoutMs: 300 } },
);

test('it shows which offers a framework holds', async (master) => {
  const framework = await master.subscribe({ info: { name: 'holder' } });
  await master.addSlave('cpus:3;mem:512', 'offered');
  await framework.find('OFFERS');
  await look(master, '#/offers', async ({ page }) => {
    await cells(page, 'holder').getByText('offered').waitFor();
    assert.match(await cells(page, 'holder').innerText(), /\d+ s/);
  });
});

test('it says why a framework gets no offers: it refused, and until when', async (master) => {
  const framework = await master.subscribe({ info: { name: 'picky' } });
  const frameworkId = await framework.frameworkId();
  await master.addSlave('cpus:3;mem:512', 'refused-one');
  const { offers } = await framework.find('OFFERS');
  await master.call(
    {
      framework_id: { value: frameworkId },
      type: 'DECLINE',
      decline: {
        offer_ids: (offers?.offers ?? []).map(({ id }) => id),
        filters: { refuse_seconds: 3600 },
      },
    },
    framework.streamId,
  );
  await look(master, '#/frameworks', async ({ page }) => {
    await page.getByRole('link', { name: 'none: why?' }).click();
    await seen(page, 'For the one slave the reason is the same.');
    await seen(page, /^until .*, in (1 h 0 min|59 min)$/);
    assert.match(
      await cells(page, 'refused-one').innerText(),
      /Refused for now\s+.*, in (1 h 0 min|59 min)/,
    );
  });
});

test('roles have their weights and shares', async (master) => {
  await busy(master, 1);
  await look(master, '#/roles', async ({ page }) => {
    assert.match(
      await page.locator('tr', { hasText: 'gold' }).innerText(),
      /gold\s+1\s+100% Memory|gold\s+1\s+50%/,
    );
  });
});

test('shares are drawn as they change', async (master) => {
  await busy(master, 1);
  await look(master, '#/shares', async ({ page }) => {
    await page.locator('.chart svg .mark-line path').first().waitFor({ state: 'attached' });
    assert.match(await page.locator('.figure .key').innerText(), /sleepers\s+50%/);
  });
});

test('a slave and a framework have pages of their own', async (master) => {
  await busy(master, 1);
  await look(master, '#/slaves', async ({ page }) => {
    await page.getByRole('link', { name: 'node1' }).click();
    await seen(page, '1 task runs on it.');
    await cells(page, 'sleep-1').getByRole('link', { name: 'sleepers' }).click();
    await seen(page, /^It runs 1 task on 50% of the cluster’s CPUs/);
    await cells(page, 'sleep-1').waitFor();
    await page.goBack();
    await seen(page, '1 task runs on it.');
  });
});

test('what frameworks write is text, whatever it looks like', async (master) => {
  const name = `<img src=x onerror="document.title='hacked'"><b>bold</b>`;
  await master.subscribe({ info: { name, webui_url: 'javascript:document.title="hacked"' } });
  await look(master, '#/frameworks', async ({ page }) => {
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name }).waitFor();
    await seen(page, 'javascript:document.title="hacked"');
    assert.is(await page.locator('main img, main h1 b, main a[href^="javascript"]').count(), 0);
    assert.is.not(await page.title(), 'hacked');
  });
});

// --- who may see it, and from whom ---

test(
  'who has to say who they are is asked by the page itself',
  async (master) => {
    await visit(`http://127.0.0.1:${master.port}/`, {}, async ({ page, complaints }) => {
      const secret = page.getByLabel('Secret', { exact: true });
      await page.getByLabel('Principal').fill('ops');
      await secret.fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await secret.fill('s3cret: ü');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await seen(page, 'No slave has registered yet.');
      await page.reload();
      await seen(page, 'No slave has registered yet.');
      // The browser tells of each answer 401, and of nothing else.
      for (const complaint of complaints) assert.match(complaint, '401');
    });
  },
  { authentication: { credentials: [{ principal: 'ops', secret: 's3cret: ü' }] } },
);

browserTest(suiteOf, 'a master that is lost is said to be lost, and what is shown to be old', async () => {
  const master = await startTestMaster();
  try {
    await busy(master, 1);
    await visit(`http://127.0.0.1:${master.port}/#/tasks`, {}, async ({ page }) => {
      await cells(page, 'sleep-1').waitFor();
      await master.close();
      const banner = page.getByRole('alert');
      await banner.getByText(/^Not live\. .*What you see is from \d\d:\d\d:\d\d\./).waitFor();
      assert.is(await cells(page, 'sleep-1').count(), 1);
      await banner.getByRole('button', { name: 'Try now' }).click();
      await banner.getByText('The master cannot be reached.').waitFor();
    });
  } finally {
    await master.close();
  }
});

browserTest(suiteOf, 'a master that does not lead sends its visitors to the one that does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const lock = join(folder, 'lock');
  const elections = [fileLockElection(`file://${lock}`), fileLockElection(`file://${lock}`)] as const;
  const stand = (n: 0 | 1) => startTestMaster({ master: { election: elections[n] } });
  const leader = await stand(0);
  await leader.addSlave('cpus:1;mem:64', 'of-the-leader');
  const standby = await stand(1);
  try {
    await visit(`http://127.0.0.1:${standby.port}/#/slaves`, {}, async ({ page }) => {
      await cells(page, 'of-the-leader').waitFor();
      assert.is(page.url(), `http://127.0.0.1:${leader.port}/#/slaves`);
    });
  } finally {
    await standby.close();
    await leader.close();
    await Promise.all(elections.map((election) => election.close()));
    rmSync(folder, { recursive: true });
  }
});

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
