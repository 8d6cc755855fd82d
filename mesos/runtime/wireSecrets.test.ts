/** Who may link by a secret, and as whom; wireTls.test.ts has certificates. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeClaim } from './link/proof.ts';
import { listening, type Probe, silent, startLog, startProbe, tidyUp, within } from './testProbe.ts';
import { RAW_INCARNATION, type RawConnection, rawConnection, rawHello } from './testRawPeer.ts';
import type { WireOptions, WireRuntime } from './wire.ts';

test.after.each(tidyUp);

const HADOOP = { principal: 'hadoop', secret: 'elephant' };
const SLAVE = { principal: 'slave', secret: 'toil' };

/** Sends a message from a process to another; resolves when it has come. */
async function send(from: Probe, to: Probe): Promise<void> {
  const before = to.received.length;
  from.context.send(to.address, { type: 'PING' });
  await to.until('the message', () => to.received.length > before);
}

/** Has a process with these options dial another, which refuses; resolves with what the dialler logs. */
async function refused(server: WireRuntime, options: Partial<WireOptions>): Promise<string> {
  const log = startLog();
  const client = await silent({ log: log.write, ...options });
  const probe = startProbe(client, 'probe');
  probe.context.watch(`x@${server.identity}`);
  await probe.until('the loss', () => probe.lost.length === 1);
  assert.is(server.stats().links, 0);
  await client.close();
  return log.lines.join('\n');
}

test('who knows the secret of the cluster is let in, and proves no name', async () => {
  const server = await listening({ secret: 'sesame' });
  const client = await silent({ secret: 'sesame' });
  const [there, here] = [startProbe(server, 'there'), startProbe(client, 'here')];
  await send(here, there);
  assert.is(there.context.principalOf(here.address), undefined);
  assert.is(here.context.principalOf(there.address), undefined);
});

test('each principal has a secret of its own, and the other end sees who it is while it is linked', async () => {
  const server = await listening({ credentials: [HADOOP, SLAVE] });
  const there = startProbe(server, 'there');
  for (const credential of [HADOOP, SLAVE]) {
    const client = await silent({ credential });
    const here = startProbe(client, 'here');
    await send(here, there);
    assert.is(there.context.principalOf(here.address), credential.principal);
    assert.is(there.context.principalOf(`another@${client.identity}`), credential.principal);
    assert.is(here.context.principalOf(there.address), undefined);
    there.context.watch(here.address);
    const lost = there.lost.length;
    await client.close();
    await there.until('the loss', () => there.lost.length > lost);
    assert.is(there.context.principalOf(here.address), undefined);
  }
  assert.is(there.context.principalOf(there.address), undefined);
  assert.is(there.context.principalOf('no address'), undefined);
});

test('a wrong secret and an unknown principal are refused with the same words, also in the log', async () => {
  const log = startLog();
  const server = await listening({ credentials: [HADOOP], log: log.write });
  const wrong = await refused(server, { credential: { ...HADOOP, secret: 'mouse' } });
  const unknown = await refused(server, { credential: { ...HADOOP, principal: 'nobody' } });
  assert.is(
    wrong,
    `no link to ${server.identity}: wrong principal or secret; 'hadoop' must have the same in both processes`,
  );
  assert.is(unknown, wrong.replace('hadoop', 'nobody'));
  assert.match(
    await refused(server, { secret: HADOOP.secret }),
    'wrong secret; give both processes the same',
  );
  assert.match(await refused(server, {}), 'a secret is needed; give it one');
  assert.is(log.lines.length, 1);
  assert.match(log.lines[0] ?? '', /refused a connection from \S+: it does not know the secret of 'hadoop'/);
});

test('who has a secret does not talk to one that cannot prove to know it', async () => {
  const open = await listening();
  assert.match(await refused(open, { secret: 'sesame' }), 'wrong secret');
  assert.match(await refused(open, { credential: HADOOP }), "'hadoop' must have the same in both processes");
});

test('who was called by a principal can call it back, and is who it was to it', async () => {
  const master = await listening({ credentials: [HADOOP, SLAVE] });
  const slave = await listening({ credential: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await send(here, there);
  there.context.watch(here.address);
  // The link breaks, and it is the master that makes a new one.
  const old = rawConnection(master.identity);
  const challenge = await old.challenge();
  assert.ok(challenge);
  const hello = rawHello({ identity: slave.identity, incarnation: RAW_INCARNATION });
  const impostor = old.call(hello, makeClaim(SLAVE, challenge, hello));
  await impostor.accepted();
  await there.until('the loss', () => there.lost.length === 1);
  there.context.watch(here.address);
  impostor.close();
  await there.until('the loss of the other', () => there.lost.length === 2);
  await send(there, here);
  assert.is(there.context.principalOf(here.address), 'slave');
  assert.is(here.context.principalOf(there.address), undefined);
});

test('nobody takes an address from another principal that is linked by it', async () => {
  const master = await listening({ credentials: [HADOOP, SLAVE], secret: 'sesame' });
  const slave = await listening({ credential: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await send(here, there);
  there.context.watch(here.address);
  for (const key of [HADOOP, { principal: '', secret: 'sesame' }]) {
    const thief = rawConnection(master.identity);
    const hello = rawHello({ identity: slave.identity });
    const challenge = await thief.challenge();
    assert.ok(challenge);
    const { code, details } = await thief.call(hello, makeClaim(key, challenge, hello)).ended();
    assert.is(code, status.PERMISSION_DENIED);
    assert.match(details, 'another principal is linked as');
  }
  await send(there, here);
  assert.equal(there.lost, []);
});

test('a token lets its owner in while it is expected, under its name, if it does not listen', async () => {
  const tokens = new Map([['executor/1', 'dawn']]);
  const slave = await listening({ credential: SLAVE, tokenOf: (principal) => tokens.get(principal) });
  const there = startProbe(slave, 'there');
  const credential = { principal: 'executor/1', secret: 'dawn' };
  const executor = await silent({ credential });
  const here = startProbe(executor, 'here');
  await send(here, there);
  assert.is(there.context.principalOf(here.address), 'executor/1');
  await executor.close();

  assert.match(
    await refused(slave, { credential: { ...credential, secret: 'dusk' } }),
    'wrong principal or secret',
  );
  const other = { principal: 'executor/2', secret: 'dawn' };
  assert.match(await refused(slave, { credential: other }), 'wrong principal or secret');
  const raw = rawConnection(slave.identity);
  const hello = rawHello({ identity: '127.0.0.1:5050' });
  const { details } = await raw.call(hello, await answer(raw, credential, hello)).ended();
  assert.match(details, 'executor/1 has but a token, and with that nobody may listen');
  tokens.clear();
  assert.match(await refused(slave, { credential }), 'wrong principal or secret');
});

test('a token is checked even where nothing is demanded', async () => {
  const slave = await listening({
    tokenOf: (principal) => (principal === 'executor/1' ? 'dawn' : undefined),
  });
  const there = startProbe(slave, 'there');
  const right = await silent({ credential: { principal: 'executor/1', secret: 'dawn' } });
  const nameless = await silent();
  const [known, unknown] = [startProbe(right, 'known'), startProbe(nameless, 'unknown')];
  await send(known, there);
  await send(unknown, there);
  assert.is(there.context.principalOf(known.address), 'executor/1');
  assert.is(there.context.principalOf(unknown.address), undefined);
  const wrong = rawConnection(slave.identity);
  const claim = await answer(wrong, { principal: 'executor/1', secret: 'dusk' });
  assert.is((await wrong.call({}, claim).ended()).code, status.UNAUTHENTICATED);
});

test('a token holds few links at a time', async () => {
  const slave = await listening({ tokenOf: () => 'dawn' });
  const token = { principal: 'executor/1', secret: 'dawn' };
  const call = async (n: number) => {
    const raw = rawConnection(slave.identity);
    const hello = rawHello({ identity: `raw:0/0000000${n}` });
    return raw.call(hello, await answer(raw, token, hello));
  };
  const calls = [await call(1), await call(2), await call(3), await call(4)];
  for (const made of calls) await made.accepted();
  const fifth = await (await call(5)).ended();
  assert.is(fifth.code, status.RESOURCE_EXHAUSTED);
  assert.match(fifth.details, 'executor/1 has 4 links already');
  const there = startProbe(slave, 'there');
  there.context.watch('raw@raw:0/00000001');
  calls[0]?.close();
  await there.until('the end of the first', () => there.lost.length === 1);
  await (await call(6)).accepted();
});

/** An answer to a challenge of this connection. */
async function answer(
  raw: RawConnection,
  key: { readonly principal: string; readonly secret: string },
  hello = rawHello(),
) {
  const challenge = await raw.challenge();
  assert.ok(challenge);
  return makeClaim(key, challenge, hello);
}

test('an answer that was overheard is good for no other connection, no other hello and no other process', async () => {
  const server = await listening({ credentials: [HADOOP] });
  const twin = await listening({ credentials: [HADOOP] });
  const raw = rawConnection(server.identity);
  const claim = await answer(raw, HADOOP);
  const call = raw.call({}, claim);
  await call.accepted();

  const unchallenged = rawConnection(server.identity).call({ dial: 2 }, claim);
  assert.match((await unchallenged.ended()).details, 'its proof is not on a challenge of ours');
  const again = rawConnection(server.identity);
  assert.ok(await again.challenge());
  assert.match((await again.call({}, claim).ended()).details, 'wrong principal or secret');
  // Relayed: the challenge is the server's, the answer is meant for the twin.
  const relayed = rawConnection(server.identity);
  const challenge = await relayed.challenge();
  assert.ok(challenge);
  const forTwin = makeClaim(HADOOP, { ...challenge, identity: twin.identity }, rawHello());
  assert.match((await relayed.call({}, forTwin).ended()).details, 'wrong principal or secret');
  const changed = rawConnection(server.identity);
  const forOther = await answer(changed, HADOOP, rawHello({ dial: 7 }));
  assert.match((await changed.call({}, forOther).ended()).details, 'wrong principal or secret');
  assert.is(server.stats().links, 1);
});

test('a connection has one challenge and one attempt', async () => {
  const server = await listening({ secret: 'sesame' });
  const raw = rawConnection(server.identity);
  const key = { principal: '', secret: 'sesame' };
  const hello = rawHello();
  const challenge = await raw.challenge();
  assert.ok(challenge);
  assert.is(await raw.challenge(), undefined);
  const wrong = raw.call({}, makeClaim({ ...key, secret: 'open' }, challenge, hello));
  assert.is((await wrong.ended()).code, status.UNAUTHENTICATED);
  const right = raw.call({}, makeClaim(key, challenge, hello));
  assert.match((await right.ended()).details, 'one connection carries one link');
  assert.is(server.stats().links, 0);
});

test('nothing that is said gives the secret away', async () => {
  const server = await listening({ credentials: [HADOOP] });
  const raw = rawConnection(server.identity);
  const claim = await answer(raw, HADOOP);
  const answered = await raw.call({}, claim).accepted();
  const said = JSON.stringify([claim, answered]);
  assert.not.match(said, HADOOP.secret);
  assert.match(said, /"mesoslab-proof":"[0-9a-f]{64}"/);
});

test('connections that prove nothing make way for others, and harm no link', async () => {
  const log = startLog();
  const limits = { strangersMax: 5 };
  const server = await listening({ secret: 'sesame', log: log.write, limits });
  const there = startProbe(server, 'there');
  const linked = startProbe(await silent({ secret: 'sesame' }), 'linked');
  await send(linked, there);
  const port = Number(server.identity.split(':')[1]);
  const idle = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').resume());
  await within('the first to be shown out', Promise.all(idle.slice(0, 15).map((one) => once(one, 'close'))));
  const late = startProbe(await silent({ secret: 'sesame' }), 'late');
  await send(late, there);
  await send(linked, there);
  assert.equal(linked.lost, []);
  assert.is(log.lines.length, 1);
  assert.match(log.lines[0] ?? '', 'more than 5 connections have proved nothing yet');
  for (const one of idle) one.destroy();
});

test('very many failures fill neither the log nor the memory', async () => {
  const log = startLog();
  const server = await listening({ secret: 'sesame', log: log.write, limits: { strangersMax: 10 } });
  const attempts = Array.from({ length: 100 }, async () => {
    const raw = rawConnection(server.identity);
    const challenge = await raw.challenge();
    if (challenge === undefined) return;
    await raw.call({}, makeClaim({ principal: '', secret: 'open' }, challenge, rawHello())).ended();
  });
  await Promise.all(attempts);
  assert.is(log.lines.length, 1);
  const client = await silent({ secret: 'sesame' });
  const there = startProbe(server, 'there');
  await send(startProbe(client, 'here'), there);
});

test.run();
