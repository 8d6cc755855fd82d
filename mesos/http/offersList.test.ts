import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withMaster } from './testMaster.ts';

const test = suite('the list of offers');

test('it has the offers that wait for an answer, and since when', () =>
  withMaster(async ({ ask, addSlave, subscribe, window }) => {
    const framework = await subscribe();
    await addSlave('cpus:4;mem:512');
    const { offers } = await framework.find('OFFERS');
    const [offer] = offers?.offers ?? [];
    const list = JSON.parse((await ask({ method: 'GET', path: '/offers' })).text).offers;
    assert.is(list.length, 1);
    const { made_time, ...rest } = list[0];
    assert.equal(rest, {
      id: offer?.id.value,
      framework_id: await framework.frameworkId(),
      slave_id: offer?.agent_id.value,
      resources: { cpus: 4, mem: 512 },
    });
    assert.ok(Math.abs(window.now() / 1000 - made_time) < 60);
    assert.is((await ask({ path: '/offers' })).status, 405);
  }));

test.run();
