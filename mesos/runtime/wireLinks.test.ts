/** Which of two links stays: calls that cross, calls of the past, calls of a new life. */

import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeFrame } from './frame.ts';
import { listening, note, startLog, startProbe, tidyUp, within } from './testProbe.ts';
import { rawCall, rawServer } from './testRawPeer.ts';

test.after.each(tidyUp);

// '127.0.0.1:…' sorts before 'localhost:…', and the dial of the lower identity goes first.

async function firstEnvelope(call: NodeJS.EventEmitter): Promise<unknown> {
  const [frame] = (await within('a frame', once(call, 'data'))) as [Buffer];
  return decodeFrame(frame)?.[0];
}

function textFrame(to: string, text: string): Buffer {
  return Buffer.from(JSON.stringify([[to, 'raw', note(text)]]));
}

test('a call that crosses our dial waits while ours goes first, and is refused when ours is accepted', async () => {
  const wire = await listening();
  const raw = await rawServer('localhost');
  const probe = startProbe(wire, 'probe');
  probe.context.watch(`raw@${raw.identity}`);
  probe.context.send(`raw@${raw.identity}`, note('first'));
  const dial = await raw.nextCall();
  const crossing = rawCall(wire.identity, { identity: raw.identity });
  // Its answer would come before this one's, which is refused at once for its identity.
  assert.is(
    (await rawCall(wire.identity, { identity: wire.identity }).ended()).code,
    status.FAILED_PRECONDITION,
  );
  raw.accept(dial);
  assert.equal(await firstEnvelope(dial), ['raw', 'probe', note('first')]);
  assert.is((await crossing.ended()).code, status.ABORTED);
  dial.write(textFrame('probe', 'answer'));
  await probe.until('the answer', () => probe.received.length === 1);
  assert.equal(probe.lost, []);
});

test('a call that waits is accepted when our dial fails, and nobody is told of a loss', async () => {
  const wire = await listening();
  const raw = await rawServer('localhost');
  const probe = startProbe(wire, 'probe');
  probe.context.watch(`raw@${raw.identity}`);
  probe.context.send(`raw@${raw.identity}`, note('first'));
  const dial = await raw.nextCall();
  const crossing = rawCall(wire.identity, { identity: raw.identity });
  assert.is(
    (await rawCall(wire.identity, { identity: wire.identity }).ended()).code,
    status.FAILED_PRECONDITION,
  );
  dial.emit('error', { code: status.UNAVAILABLE, details: 'not now' });
  assert.equal(await firstEnvelope(crossing.call), ['raw', 'probe', note('first')]);
  assert.equal(probe.lost, []);
  crossing.close();
  await probe.until('the loss of the link', () => probe.lost.length === 1);
});

test('a call of a lower identity that crosses our dial is accepted at once, and our dial given up', async () => {
  const wire = await listening({ advertise: 'localhost' });
  const raw = await rawServer('127.0.0.1');
  const probe = startProbe(wire, 'probe');
  probe.context.watch(`raw@${raw.identity}`);
  probe.context.send(`raw@${raw.identity}`, note('first'));
  const dial = await raw.nextCall();
  const cancelled = within('our dial to be given up', once(dial, 'cancelled'));
  const crossing = rawCall(wire.identity.replace('localhost', '127.0.0.1'), { identity: raw.identity });
  await crossing.accepted();
  assert.equal(await firstEnvelope(crossing.call), ['raw', 'probe', note('first')]);
  await cancelled;
  assert.equal(probe.lost, []);
  assert.is(wire.stats().links, 1);
});

test('a call made before the peer knew of our link is refused, one made after it lost the link replaces it', async () => {
  const log = startLog();
  const wire = await listening({ log: log.write });
  const raw = await rawServer('localhost');
  const probe = startProbe(wire, 'probe');
  probe.context.watch(`raw@${raw.identity}`);
  probe.context.send(`raw@${raw.identity}`, note('first'));
  const dial = await raw.nextCall();
  raw.accept(dial);
  await firstEnvelope(dial);
  const stale = rawCall(wire.identity, { identity: raw.identity });
  assert.is((await stale.ended()).code, status.ABORTED);
  assert.equal(probe.lost, []);
  const id = `${dial.metadata.get('mesoslab-incarnation')[0]}.${dial.metadata.get('mesoslab-dial')[0]}`;
  const fresh = rawCall(wire.identity, { identity: raw.identity, dial: 2, after: id });
  await fresh.accepted();
  await probe.until('the loss of the old link', () => probe.lost.length === 1);
  probe.context.send(`raw@${raw.identity}`, note('second'));
  assert.equal(await firstEnvelope(fresh.call), ['raw', 'probe', note('second')]);
  assert.is(wire.stats().links, 1);
});

test('a call of a new life of the peer replaces the link to the old one', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const identity = 'raw:0/00000001';
  const old = rawCall(wire.identity, { identity, dial: 7 });
  await old.accepted();
  probe.context.watch(`raw@${identity}`);
  const young = rawCall(wire.identity, { identity, dial: 1, incarnation: 'fedcba9876543210' });
  await young.accepted();
  await probe.until('the loss of the old link', () => probe.lost.length === 1);
  await old.ended();
  assert.equal(probe.lost, [`raw@${identity}`]);
  assert.is(wire.stats().links, 1);
});

test('of two calls of one life the later one counts, in whatever order they come', async () => {
  const wire = await listening();
  const identity = 'raw:0/00000001';
  const second = rawCall(wire.identity, { identity, dial: 2 });
  await second.accepted();
  const first = rawCall(wire.identity, { identity, dial: 1 });
  assert.is((await first.ended()).code, status.ABORTED);
  const third = rawCall(wire.identity, { identity, dial: 3 });
  await third.accepted();
  await second.ended();
  assert.is(wire.stats().links, 1);
});

test('a process that calls itself something else than it was dialled as is not linked', async () => {
  const log = startLog();
  const other = await listening({ advertise: 'localhost' });
  const wire = await listening({ log: log.write });
  const probe = startProbe(wire, 'probe');
  const alias = other.identity.replace('localhost', '127.0.0.1');
  probe.context.watch(`x@${alias}`);
  await probe.until('the loss', () => probe.lost.length === 1);
  assert.equal(log.lines, [
    `no link to ${alias}: it calls itself ${other.identity}; use that as its address`,
  ]);
});

test.run();
