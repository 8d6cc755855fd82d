import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withMaster } from './testMaster.ts';

const test = suite('classic orders over HTTP');

test('an order that is no JSON is refused, and changes nothing', () =>
  withMaster(async (master) => {
    const weights = [{ role: 'a', weight: 2 }];
    const set = { method: 'PUT', path: '/weights', body: JSON.stringify(weights) };
    assert.is((await master.ask(set)).status, 200);
    for (const [method, path, body, what] of [
      ['PUT', '/weights', '', 'body'],
      ['POST', '/quota', '{', 'body'],
      ['POST', '/machine/down', '[', 'body'],
      ['POST', '/maintenance/schedule', '{"windows":', 'body'],
      ['POST', '/reserve', 'slaveId=S0&resources=[', "field 'resources'"],
    ] as const) {
      const { status, text } = await master.ask({ method, path, body });
      assert.is(status, 400, path);
      assert.match(text, `Failed to parse ${what} into JSON: `);
    }
    assert.equal(JSON.parse((await master.ask({ method: 'GET', path: '/weights' })).text), weights);
  }));

test.run();
