/** The page of sandboxes in a real browser: a real master, a real slave, and a task that writes while one looks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { browserTest, closeBrowser, overflow, visit } from '../../mesos/http/testBrowser.ts';
import { accept, askAt, type Subscription, subscribeAt } from '../../mesos/http/testMaster.ts';
import { encode } from '../../mesos/v1/codec.ts';
import * as v1 from '../../mesos/v1/scheduler.ts';
import { listening } from '../run/deployment.ts';

const test = suite('the page of sandboxes');
test.after(closeBrowser);

/** A command task on the first offer. */
async function run(port: number, framework: Subscription, line: string): Promise<void> {
  const [offer] = (await framework.find('OFFERS')).offers?.offers ?? [];
  if (offer === undefined) throw new Error('there was no offer');
  const task = {
    name: 'writer',
    task_id: { value: 'writer' },
    agent_id: offer.agent_id,
    resources: [{ name: 'cpus', type: 'SCALAR' as const, scalar: { value: 0.1 } }],
    command: { value: line },
  };
  const call = accept(await framework.frameworkId(), [offer.id.value], [task]);
  const { status, text } = await askAt(port, {
    headers: { 'content-type': 'application/json', 'Mesos-Stream-Id': framework.streamId },
    body: `${encode(v1.Call, 'application/json', call)}`,
  });
  assert.is(status, 202, text);
}

browserTest(test, 'files are listed, shown as they are written, and downloaded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-sandbox-page-'));
  const machines = await localMachines(join(folder, 'machines'), ['node']);
  try {
    const machine = machines.machines[0] as Machine;
    const start = (name: string, flags: readonly string[]) =>
      machine.start({ name, program: LAB, arguments: [name, '--port', '0', ...flags] });
    const address = await listening(await start('master', []));
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    const work = ['--work_dir', join(folder, 'work'), '--resources', 'cpus:1;mem:128'];
    await listening(await start('slave', ['--master', address, ...work]));
    const framework = await subscribeAt(port, {});
    const line =
      'mkdir sub; echo first; until [ -e go ]; do sleep 0.1; done; echo "<b>second</b>"; sleep 600';
    await run(port, framework, line);
    await framework.find('UPDATE');
    await visit(`http://127.0.0.1:${port}/#/tasks`, {}, async ({ page, complaints }) => {
      await page.getByRole('link', { name: 'sandbox' }).click();
      await page.getByRole('heading', { name: 'writer' }).waitFor();
      await page.getByRole('link', { name: 'sub/' }).waitFor();
      await page.getByRole('link', { name: 'stdout' }).click();
      const text = page.getByLabel('Content');
      await text.getByText('first').waitFor();
      await page.getByText('live: what is written appears here').waitFor();
      const sandbox = await machine.start({
        name: 'go',
        program: '/bin/sh',
        arguments: ['-c', `touch "$(find ${join(folder, 'work')} -name sub -type d)/../go"`],
      });
      await sandbox.exited;
      await text.getByText('<b>second</b>').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ]);
      assert.is(download.suggestedFilename(), 'stdout');
      await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name: 'sandboxes' }).click();
      await page.getByRole('link', { name: 'writer' }).waitFor();
      await page.setViewportSize({ width: 360, height: 640 });
      assert.is(await overflow(page), 0);
      assert.equal(complaints, []);
    });
    framework.close();
  } finally {
    await machines[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
