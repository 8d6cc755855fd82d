/** What those who speak HTTP see of a master that does not lead any more. */
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
