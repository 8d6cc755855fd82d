/** Which master a framework on the v1 API turns to, and how long it waits for one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Detector, Leadership } from '../../election/election.ts';
import { testAuthority } from '../../runtime/testCertificates.ts';
import { tidyUp } from '../../runtime/testProbe.ts';
import { calls, OFFER, type ScriptedMaster, scriptedMaster, testDriver } from './testDriver.ts';

test.after.each(tidyUp);

test('a master that recovers, or knows of no leader, is asked again and again, less and less often', async () => {
  const master = await scriptedMaster();
  const { told, next, log, pass, until, subscribed } = testDriver({ masters: [master.url] });
  for (const waitMs of [500, 1_000, 2_000, 4_000]) {
    (await next(master)).answer(503, `No leader elected, ask in ${waitMs}`);
    await until('the answer', () => log.some((line) => line.endsWith(`${waitMs}`)));
    pass(waitMs - 1);
    assert.is(master.asked.length, 0);
    pass(1);
  }
  await subscribed(master);
  assert.equal(told, ['registered f']);
  assert.match(
    log.join('\n'),
    /^no stream of events from a master: http:\S+: 503 Service Unavailable: No leader/,
  );
});

test('it goes where the answer leads, with all that follows, but not for ever', async () => {
  const [standby, leader] = [await scriptedMaster(), await scriptedMaster()];
  const own = testDriver({ masters: [standby.url], authorization: 'Bearer x' });
  const { driver, next, subscribed, told, until, pass, log } = own;
  const location = { Location: `${leader.origin.replace('http:', '')}/api/v1/scheduler` };
  (await next(standby)).answer(307, '', location);
  const stream = await subscribed(leader);
  driver.killTask('t');
  assert.equal(await calls(own, leader, 'KILL'), ['KILL']);
  stream.destroy();
  await until('the loss', () => told.includes('disconnected'));
  pass(500);
  for (let redirects = 0; redirects <= 5; redirects++)
    (await next(standby)).answer(307, '', { Location: standby.origin });
  await until('the end of patience', () => log.some((line) => /more than 5 times/.test(line)));
  assert.is(standby.asked.length, 0);
});

test('of several masters, those that are not there or do not know are passed over', async () => {
  const [first, second] = [await scriptedMaster(), await scriptedMaster()];
  const nobody = new URL('http://127.0.0.1:1/api/v1/scheduler');
  const { next, subscribed, told, until, pass } = testDriver({ masters: [nobody, first.url, second.url] });
  (await next(first)).answer(503, 'No leader elected');
  const stream = await subscribed(second);
  stream.destroy();
  await until('the loss', () => told.includes('disconnected'));
  pass(500);
  (await next(first)).answer(503, 'No leader elected');
  await subscribed(second);
});

test('a master that takes a connection and says nothing is given up after 30 s', async () => {
  const [first, second] = [await scriptedMaster(), await scriptedMaster()];
  const { next, subscribed, pass } = testDriver({ masters: [first.url, second.url] });
  await next(first);
  for (let seconds = 0; seconds < 29; seconds++) pass(1_000);
  assert.is(second.asked.length + first.asked.length, 0);
  pass(2_000);
  await subscribed(second);
});

test('so is one that opens a stream and does not subscribe the framework', async () => {
  const master = await scriptedMaster();
  const { next, until, log, subscribed, pass } = testDriver({ masters: [master.url] });
  (await next(master)).stream().sendRecord('that it has come can be seen in the log');
  await until('the stream', () => log.length === 1);
  for (let seconds = 0; seconds < 29; seconds++) pass(1_000);
  assert.is(log.length, 1);
  pass(2_000);
  await until('the loss', () => log.some((line) => /did not subscribe the framework in 30 s/.test(line)));
  pass(5_000);
  await subscribed(master);
});

test('it follows a detector from leader to leader, and hears no other', async () => {
  const [first, second] = [await scriptedMaster(), await scriptedMaster()];
  let tell = (_: Leadership): void => {};
  const detector: Detector = {
    follow(changed) {
      tell = changed;
      return { stop() {} };
    },
  };
  const { told, until, subscribed, pass } = testDriver({ masters: { detector, scheme: 'http' } });
  const held = ({ url: { host } }: ScriptedMaster, masterId: string): Leadership => ({
    is: 'held',
    master: `master@${host}`,
    masterId,
  });
  tell(held(first, '1'));
  pass(0);
  const stream = await subscribed(first);
  tell({ is: 'unknown' });
  stream.send({ type: 'OFFERS', offers: [OFFER] });
  await until('an offer', () => told.length === 2);
  tell(held(second, '2'));
  pass(0);
  await subscribed(second);
  // It leads anew, and so knows nothing.
  tell(held(second, '3'));
  pass(0);
  const last = await subscribed(second);
  tell({ is: 'vacant' });
  last.send({ type: 'OFFERS', offers: [OFFER] });
  pass(100_000);
  assert.is(first.asked.length + second.asked.length, 0);
  tell({ is: 'held', master: 'master@a?b:1' });
  pass(0);
  assert.equal(told, [
    ...['registered f', 'offers o', 'disconnected', 'registered f', 'disconnected', 'registered f'],
    'disconnected',
  ]);
});

test('over TLS the master is known by its authority, and no other is spoken to', async () => {
  const authority = testAuthority();
  const { own, ca } = authority.issue('master');
  const master = await scriptedMaster('application/json', own);
  const { subscribed } = testDriver({ masters: [master.url], tls: { ca } });
  await subscribed(master);
  const { log, until } = testDriver({ masters: [master.url] });
  await until('the refusal', () => log.length > 0);
  assert.match(log.join(), /^no stream of events from a master: https:\S+ .*certificate/);
  assert.is(master.asked.length, 0);
});

test.run();
