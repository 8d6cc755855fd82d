/** Frames that wait for more, so that fewer of them carry the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listening, note, silent, startProbe, textOf, tidyUp } from './testProbe.ts';

test.after.each(tidyUp);

/** Longer than any test takes. */
const EVER_MS = 3_600_000;

test('what comes after a pause leaves at once; what comes soon after waits, and closing sends it, in one frame and in order', async () => {
  const there = await listening();
  const here = await silent({ timeouts: { gatherMs: EVER_MS } });
  const receiver = startProbe(there, 'receiver');
  const sender = startProbe(here, 'sender');
  sender.context.send(receiver.address, note('first'));
  await receiver.until('the first', () => receiver.received.length === 1);
  for (const text of ['second', 'third', 'fourth']) {
    sender.context.send(receiver.address, note(text));
    await nextTurn();
  }
  assert.is(here.stats().framesOut, 1);
  await here.close();
  await receiver.until('the others', () => receiver.received.length === 4);
  const texts = receiver.received.map(({ message }) => textOf(message));
  assert.equal(texts, ['first', 'second', 'third', 'fourth']);
  assert.is(here.stats().framesOut, 2);
});

test('what waits leaves when its time has come, though nothing more is sent', async () => {
  const there = await listening();
  const here = await silent({ timeouts: { gatherMs: 1 } });
  const receiver = startProbe(there, 'receiver');
  const sender = startProbe(here, 'sender');
  for (let sent = 1; sent <= 20; sent++) {
    sender.context.send(receiver.address, note(`${sent}`));
    sender.context.send(receiver.address, note(`${sent} again`));
    await receiver.until(`${sent} pairs`, () => receiver.received.length === 2 * sent);
  }
  assert.is(here.stats().envelopesOut, 40);
});

test('a full frame does not wait', async () => {
  const there = await listening();
  const here = await silent({ timeouts: { gatherMs: EVER_MS }, limits: { frameTargetBytes: 1_000 } });
  const receiver = startProbe(there, 'receiver');
  const sender = startProbe(here, 'sender');
  sender.context.send(receiver.address, note('first'));
  await receiver.until('the first', () => receiver.received.length === 1);
  sender.context.send(receiver.address, note('x'.repeat(2_000)));
  await receiver.until('the second', () => receiver.received.length === 2);
});

test('who starts a runtime is told of its links', async () => {
  const there = await listening();
  const links: string[] = [];
  const here = await silent({ onLink: (identity) => links.push(identity) });
  const receiver = startProbe(there, 'receiver');
  const sender = startProbe(here, 'sender');
  for (const text of ['first', 'second']) sender.context.send(receiver.address, note(text));
  await receiver.until('both', () => receiver.received.length === 2);
  assert.equal(links, [there.identity]);
});

test.run();
