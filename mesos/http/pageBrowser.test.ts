/** The page of the master in a real browser: a real master, slaves whose tasks sleep, and frameworks over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileLockElection } from '../election/fileLock.ts';
import { browserTest, closeBrowser, visit } from './testBrowser.ts';
import { startTestMaster, type TestMaster, type TestMasterOptions, withMaster } from './testMaster.ts';
import { busy, cells, look, seen } from './testPage.ts';

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

// --- what it shows ---

test('it shows the cluster at a glance', async (master) => {
  await busy(master, 2);
  await look(master, '', async ({ page }) => {
    await seen(page, '2 tasks run for 1 framework on 2 slaves.');
    await seen(page, '4 in use');
    await seen(page, `127.0.0.1:${master.port}`);
    assert.is(await page.title(), 'Overview · mesos-lab');
    await page.locator('.leading li', { hasText: /sleepers\s*gold\s*50% CPUs\s*2 tasks/ }).waitFor();
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
    assert.match(await cells(page, 'refused-one').innerText(), /Refused for now\s+.*, in (1 h 0 min|59 min)/);
  });
});

test('roles have their weights and shares', async (master) => {
  await busy(master, 1);
  await look(master, '#/roles', async ({ page }) => {
    // The row may be there before its share, which is that of the task, or with the rest, if that is offered, all there is.
    const row = page.locator('tr', { hasText: /gold.*(100|50)%/ });
    assert.match(await row.innerText(), /gold\s+1\s+(100|50)%/);
  });
});

test('shares are drawn as they change', async (master) => {
  await busy(master, 1);
  await look(master, '#/shares', async ({ page }) => {
    await page.locator('.chart svg .mark-line path').first().waitFor({ state: 'attached' });
    await page.locator('.figure .key', { hasText: /sleepers\s*50%/ }).waitFor();
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

suiteOf.run();
