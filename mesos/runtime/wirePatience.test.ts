/** Links between processes that are busy: each step has its time, and the time stands still unless a test moves it. */
import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHello, writeHello } from './link/hello.ts';
import { makeClaim, readClaim, writeAnswer, writeChallenge } from './link/proof.ts';
import { listening, note, silent, startLog, startProbe, tidyUp } from './testProbe.ts';
import { metadataOf, RAW_INCARNATION, rawConnection, rawHello, rawServer } from './testRawPeer.ts';

const SECRET = 'a secret of this test';
const CLUSTER = { principal: '', secret: SECRET };
const TIMEOUT_MS = 5_000;
/** Less than the time of one step, but more than that of two. */
const LONG_MS = 0.8 * TIMEOUT_MS;

/** Nobody waits in vain while time stands still: this is what happens instead of what is waited for. */
async function failure(instead: Promise<unknown>): Promise<never> {
  throw new Error(`instead: ${JSON.stringify(await instead)}`);
}

test.before.each(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.after.each(async () => {
  mock.timers.reset();
  await tidyUp();
});

test('a caller that is slow to ask, and slow to answer, is let in', async () => {
  const log = startLog();
  const wire = await listening({ secret: SECRET, log: log.write, timeouts: { helloTimeoutMs: TIMEOUT_MS } });
  const raw = rawConnection(wire.identity);
  await raw.connected();
  mock.timers.tick(LONG_MS);
  const challenge = await raw.challenge();
  if (challenge === undefined) throw new Error(`there was no challenge: ${log.lines}`);
  mock.timers.tick(LONG_MS);
  const hello = rawHello();
  const call = raw.call(hello, makeClaim(CLUSTER, challenge, hello));
  await Promise.race([call.accepted(), failure(call.ended())]);
  assert.equal(log.lines, []);
});

test('a caller that asks and says nothing more is shown out', async () => {
  const log = startLog();
  const wire = await listening({ secret: SECRET, log: log.write, timeouts: { helloTimeoutMs: TIMEOUT_MS } });
  const raw = rawConnection(wire.identity);
  await raw.challenge();
  mock.timers.tick(TIMEOUT_MS + 1);
  assert.match(log.lines.join(), /it connected but sent no proper hello/);
});

test('a dial waits for each answer of a process that is busy', async () => {
  const log = startLog();
  const raw = await rawServer('localhost', { challenges: true });
  const wire = await silent({
    secret: SECRET,
    log: log.write,
    timeouts: { dialTimeoutMs: TIMEOUT_MS },
  });
  startProbe(wire, 'probe').context.send(`raw@${raw.identity}`, note('hello'));
  const asked = await raw.nextCall();
  mock.timers.tick(LONG_MS);
  const challenge = { identity: raw.identity, nonce: '0'.repeat(32) };
  asked.sendMetadata(metadataOf(writeChallenge(challenge)));
  asked.end();
  const call = await raw.nextCall();
  mock.timers.tick(LONG_MS);
  const hello = readHello(call.metadata.getMap());
  const claim = readClaim(call.metadata.getMap());
  if (typeof hello === 'string' || claim === undefined) throw new Error('there is no hello');
  const answer = {
    ...writeHello({ identity: raw.identity, incarnation: RAW_INCARNATION, dial: 0, after: '' }),
    ...writeAnswer(SECRET, { challenge, hello, claim }),
  };
  const heard = new Promise<void>((resolve) => call.once('data', () => resolve()));
  call.sendMetadata(metadataOf(answer));
  await Promise.race([heard, failure(log.until('no answer'))]);
  assert.equal(log.lines, []);
});

test('a dial gives up when an answer does not come', async () => {
  const log = startLog();
  const raw = await rawServer('localhost', { challenges: true });
  const wire = await silent({ secret: SECRET, log: log.write, timeouts: { dialTimeoutMs: TIMEOUT_MS } });
  startProbe(wire, 'probe').context.send(`raw@${raw.identity}`, note('hello'));
  await raw.nextCall();
  mock.timers.tick(TIMEOUT_MS + 1);
  assert.match(log.lines.join(), /no answer in 5000 ms/);
});

test.run();
