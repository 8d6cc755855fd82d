/** What those who speak HTTP see of a master that does not lead any more. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CandidateEvents, Election, Leadership } from '../election/election.ts';
import { within } from '../runtime/testProbe.ts';
import { FRAMEWORK, withMaster } from './testMaster.ts';

const test = suite('a master that leads no more');

/** An election that its only candidate wins, until it is deposed. */
function wonElection() {
  let candidate: CandidateEvents | undefined;
  let follower = (_: Leadership): void => undefined;
  let leads = true;
  const election: Election = {
    follow(changed) {
      follower = changed;
      return { stop: () => undefined };
    },
    stand(_, events) {
      // It stands again after it was deposed, and loses.
      if (candidate === undefined) setImmediate(events.elected);
      candidate = events;
      return { leads: () => leads, withdraw: () => undefined };
    },
  };
  const depose = (next: Leadership): void => {
    leads = false;
    candidate?.deposed('another was elected');
    follower(next);
  };
  return { election, depose };
}

test('lets go of the frameworks that it had, and sends them to the one that leads', async () => {
  const { election, depose } = wonElection();
  await withMaster(
    async ({ ask, call, subscribe }) => {
      const stream = await subscribe();
      assert.is(stream.status, 200);
      depose({ is: 'held', master: 'master@127.0.0.1:1', masterId: 'next' });
      await within('the end of the stream', stream.ended);
      const answers = [
        await call({ type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK } }),
        await ask({ method: 'GET', path: '/redirect' }),
      ];
      assert.equal(
        answers.map(({ status, headers }) => [status, headers.location]),
        [
          [307, '//127.0.0.1:1/api/v1/scheduler'],
          [307, '//127.0.0.1:1'],
        ],
      );
    },
    { master: { election } },
  );
});

test('sends those on to the next who had begun to call when it still led', async () => {
  const { election, depose } = wonElection();
  await withMaster(
    async ({ port, subscribe }) => {
      await subscribe();
      const begin = async (method: string, path: string, body: unknown) => {
        const text = JSON.stringify(body);
        const headers = {
          'Content-Type': 'application/json',
          'Content-Length': text.length,
          Expect: '100-continue',
        };
        const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
        await within('a word that the call is heard', once(asked, 'continue'));
        return async (): Promise<unknown> => {
          const answered = once(asked, 'response');
          asked.end(text);
          const [answer] = (await within('an answer', answered)) as [IncomingMessage];
          return [answer.statusCode, answer.headers.location];
        };
      };
      const begun = [
        await begin('PUT', '/weights', [{ role: 'gold', weight: 2 }]),
        await begin('POST', '/api/v1', { type: 'GET_HEALTH' }),
        await begin('POST', '/api/v1/scheduler', {
          type: 'SUBSCRIBE',
          subscribe: { framework_info: FRAMEWORK },
        }),
      ];
      depose({ is: 'held', master: 'master@127.0.0.1:1', masterId: 'next' });
      const answers = [];
      for (const end of begun) answers.push(await end());
      assert.equal(answers, [
        [307, '//127.0.0.1:1/weights'],
        [307, '//127.0.0.1:1/api/v1'],
        [307, '//127.0.0.1:1/api/v1/scheduler'],
      ]);
    },
    { master: { election } },
  );
});

test('says that nobody leads where nobody does', async () => {
  const { election, depose } = wonElection();
  await withMaster(
    async ({ ask, call, subscribe }) => {
      await subscribe();
      depose({ is: 'vacant' });
      const answers = [
        await call({ type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK } }),
        await ask({ method: 'GET', path: '/redirect' }),
      ];
      assert.equal(
        answers.map(({ status, text }) => [status, text]),
        [
          [503, 'No leader elected'],
          [503, 'No leader elected'],
        ],
      );
    },
    { master: { election } },
  );
});

test.run();
