/** Who may subscribe and call as which framework over HTTP. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as v1 from '../v1/scheduler.ts';
import { FRAMEWORK, withMaster } from './testMaster.ts';

const test = suite('rights of schedulers over HTTP');

const AUTHENTICATION = {
  credentials: [
    { principal: 'alice', secret: 'wonder' },
    { principal: 'bob', secret: 'builder' },
  ],
};
const as = (who: string) => ({ Authorization: `Basic ${Buffer.from(who).toString('base64')}` });
const SUBSCRIBE: v1.Call = { type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK } };

test('a framework with a role that it may not use is told on its stream (RejectFrameworkWithInvalidRole)', () =>
  withMaster(
    async ({ subscribe }) => {
      for (const role of ['gold', 'a/b']) {
        const stream = await subscribe({ info: { role } });
        assert.is(stream.status, 200);
        assert.is((await stream.next()).type, 'ERROR');
        await stream.ended;
      }
    },
    { master: { rights: { roles: { '*': 'anyone' } } } },
  ));

test('a framework has the roles of the principal as whom it has authenticated', () =>
  withMaster(
    async ({ subscribe }) => {
      for (const [who, type] of [
        ['alice:wonder', 'SUBSCRIBED'],
        ['bob:builder', 'ERROR'],
      ] as const) {
        const stream = await subscribe({ info: { role: 'gold' }, headers: as(who) });
        assert.is((await stream.next()).type, type, who);
      }
    },
    {
      master: { rights: { roles: { gold: ['alice'] } } },
      authentication: AUTHENTICATION,
    },
  ));

test('nobody calls as the framework of another principal, even if he knows its stream id', () =>
  withMaster(
    async ({ subscribe, call }) => {
      const stream = await subscribe({ headers: as('alice:wonder') });
      const frameworkId = await stream.frameworkId();
      const teardown: v1.Call = { framework_id: { value: frameworkId }, type: 'TEARDOWN' };
      const { status, text } = await call(teardown, stream.streamId, as('bob:builder'));
      assert.is(`${status} ${text}`, `403 Framework ${frameworkId} belongs to another principal`);
      assert.is((await call(teardown, stream.streamId, as('alice:wonder'))).status, 202);
    },
    {
      authentication: AUTHENTICATION,
    },
  ));

test('who does not say who he is may not subscribe (AuthenticationRequired)', () =>
  withMaster(
    async ({ call }) => {
      const { status, headers } = await call(SUBSCRIBE);
      assert.is(status, 401);
      assert.is(headers['www-authenticate'], 'Basic realm="mesos"');
      assert.is((await call(SUBSCRIBE, undefined, as('alice:wrong'))).status, 401);
    },
    { authentication: AUTHENTICATION },
  ));

test.run();
