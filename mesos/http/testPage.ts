/** For tests: the page of a master that a test has, with a framework whose tasks sleep. */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { type Look, type Visit, visit } from './testBrowser.ts';
import { accept, type Subscription, sleepTask, type TestMaster } from './testMaster.ts';

/** Looks at a place in the page. */
export function look(
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
export async function busy(master: TestMaster, slaves: number, name = 'sleepers'): Promise<Subscription> {
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

/** Rows of the table that have a text. */
export const cells = (page: Page, text: string) => page.locator('.rows .row', { hasText: text });
/** Waits until a text is to be seen. */
export const seen = (page: Page, text: string | RegExp) =>
  page.locator('main').getByText(text).first().waitFor();
