/** Links with certificates. */

import { once } from 'node:events';
import { connect as connectInClear } from 'node:net';
import { connect } from 'node:tls';
import { status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testAuthority } from './testCertificates.ts';
import {
  listening,
  note,
  type Probe,
  silent,
  startLog,
  startProbe,
  textOf,
  tidyUp,
  within,
} from './testProbe.ts';
import { rawCall } from './testRawPeer.ts';
import type { WireOptions } from './wire.ts';

test.after.each(tidyUp);

const authority = testAuthority();
const another = testAuthority();
const MASTER = authority.issue('master');
const SLAVE = authority.issue('slave1');

async function exchange(here: Probe, there: Probe): Promise<void> {
  const [before, answered] = [there.received.length, here.received.length];
  here.context.send(there.address, note('there'));
  await there.until('the message', () => there.received.length > before);
  there.context.send(here.address, note('back'));
  await here.until('the answer', () => here.received.length > answered);
}

/** Has one process dial another, which comes to nothing; resolves with what each logs of it. */
async function failing(
  server: Partial<WireOptions>,
  client: Partial<WireOptions>,
): Promise<{ readonly serverSays: string; readonly clientSays: string }> {
  const [serverLog, clientLog] = [startLog(), startLog()];
  const there = await listening({ ...server, log: serverLog.write });
  const here = startProbe(await silent({ ...client, log: clientLog.write }), 'here');
  here.context.watch(`x@${there.identity}`);
  await here.until('the loss', () => here.lost.length === 1);
  assert.is(there.stats().links, 0);
  return { serverSays: serverLog.lines.join('\n'), clientSays: clientLog.lines.join('\n') };
}

test('two processes with certificates of one authority are linked, and each sees the name of the other', async () => {
  const master = await listening({ tls: MASTER });
  const slave = await silent({ tls: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await exchange(here, there);
  assert.is(there.context.principalOf(here.address), 'slave1');
  assert.is(here.context.principalOf(there.address), 'master');
});

test('much that is sent with TLS arrives whole and in order, both ways', async () => {
  const master = await listening({ tls: MASTER });
  const slave = await silent({ tls: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await exchange(here, there);
  const sent = Array.from({ length: 200 }, (_, n) => `${n}${'x'.repeat(20_000)}`);
  for (const text of sent) {
    here.context.send(there.address, note(text));
    there.context.send(here.address, note(text));
  }
  for (const probe of [here, there]) {
    await probe.until('all of it', () => probe.received.length === 1 + sent.length);
    assert.equal(
      probe.received.slice(1).map(({ message }) => textOf(message)),
      sent,
    );
  }
});

test('closing sends what is queued and leaves no connection', async () => {
  const master = await listening({ tls: MASTER });
  const slave = await silent({ tls: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await exchange(here, there);
  there.context.watch(here.address);
  here.context.send(there.address, note('last'));
  await slave.close();
  await there.until('the loss', () => there.lost.length === 1);
  assert.is(textOf(there.received.at(-1)?.message ?? note('')), 'last');
  assert.is(master.stats().links, 0);
});

test('a certificate of another authority is refused, whichever end has it', async () => {
  const stranger = another.issue('slave1');
  const ofBoth = { ...stranger, ca: authority.ca };
  const why = 'its certificate is not signed by the authority that the other end trusts; give both the same';
  const caller = await failing({ tls: MASTER }, { tls: ofBoth });
  assert.match(caller.serverSays, why);
  assert.match(caller.clientSays, /^no link to \S+: our certificate is not signed/);
  const dialled = await failing({ tls: { ...another.issue('master'), ca: authority.ca } }, { tls: SLAVE });
  assert.match(dialled.clientSays, why);
});

test('a certificate that has expired is refused, whichever end has it', async () => {
  const caller = await failing({ tls: MASTER }, { tls: authority.issue('slave1', { days: -1 }) });
  assert.match(caller.serverSays, 'its certificate has expired; make a new one');
  assert.match(caller.clientSays, 'our certificate has expired; make a new one');
  const dialled = await failing({ tls: authority.issue('master', { days: -1 }) }, { tls: SLAVE });
  assert.match(dialled.clientSays, /^no link to \S+: its certificate has expired; make a new one$/);
});

test('a certificate for another host is not accepted of the process that was dialled', async () => {
  const { clientSays } = await failing(
    { tls: authority.issue('master', { host: 'DNS:elsewhere' }) },
    { tls: SLAVE },
  );
  assert.match(clientSays, 'its certificate is not for 127.0.0.1; name that host in the certificate');
});

test('a certificate cannot be for an executor', async () => {
  const { clientSays } = await failing({ tls: MASTER }, { tls: authority.issue('executor\\/1') });
  assert.match(clientSays, 'our certificate has no common name that could be a principal');
});

test('who shows no certificate is refused', async () => {
  const { serverSays, clientSays } = await failing({ tls: MASTER }, { tls: { ca: authority.ca } });
  assert.match(serverSays, 'it shows no certificate');
  assert.match(clientSays, 'a certificate is needed; give it one');
});

test('who speaks in clear to a process with certificates is told so', async () => {
  const { serverSays, clientSays } = await failing({ tls: MASTER }, {});
  assert.match(serverSays, 'it does not speak TLS');
  assert.match(clientSays, /^no link to \S+: TLS is needed here; give both processes certificates$/);
});

test('who speaks TLS to a process without certificates is told so', async () => {
  const { serverSays, clientSays } = await failing({}, { tls: SLAVE });
  assert.match(serverSays, 'it speaks TLS, which this process does not');
  assert.match(
    clientSays,
    /^no link to \S+: it does not speak TLS; give both processes certificates, or none$/,
  );
});

test('with a secret too, both are needed, and the credential names the principal', async () => {
  const credential = { principal: 'hadoop', secret: 'elephant' };
  const options = { tls: MASTER, credentials: [credential], secret: 'sesame' };
  const master = await listening(options);
  const there = startProbe(master, 'there');
  const [framework, slave] = [
    startProbe(await silent({ tls: SLAVE, credential }), 'framework'),
    startProbe(await silent({ tls: SLAVE, secret: 'sesame' }), 'slave'),
  ];
  await exchange(framework, there);
  await exchange(slave, there);
  assert.is(there.context.principalOf(framework.address), 'hadoop');
  assert.is(there.context.principalOf(slave.address), 'slave1');
  assert.match((await failing(options, { tls: SLAVE })).clientSays, 'a secret is needed');
  const { ca } = authority;
  assert.match((await failing(options, { tls: { ca }, credential })).clientSays, 'a certificate is needed');
  assert.match((await failing(options, { credential })).clientSays, 'TLS is needed here');
});

test('an executor needs no certificate, but its token', async () => {
  const tokenOf = (principal: string) => (principal === 'executor/1' ? 'dawn' : undefined);
  const slave = await listening({ tls: SLAVE, tokenOf });
  const there = startProbe(slave, 'there');
  const token = { principal: 'executor/1', secret: 'dawn' };
  const executor = startProbe(await silent({ tls: { ca: authority.ca }, credential: token }), 'executor');
  await exchange(executor, there);
  assert.is(there.context.principalOf(executor.address), 'executor/1');
});

test('a TLS handshake that is never finished is shown out, and so is what only looks like one', async () => {
  const log = startLog();
  const master = await listening({ tls: MASTER, log: log.write, timeouts: { helloTimeoutMs: 300 } });
  const port = Number(master.identity.split(':')[1]);
  for (const bytes of [[0x16], [0x16, 3, 1, 0x40, 0], [0x16, ...Array<number>(2000).fill(0xff)]]) {
    const socket = connectInClear(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(Buffer.from(bytes));
    await within('the connection to be closed', once(socket, 'close'));
  }
  // And one that finishes, and then says nothing.
  const { ca, own } = SLAVE;
  const socket = connect({ port, host: '127.0.0.1', ca, ...own, ALPNProtocols: ['h2'] });
  socket.on('error', () => {});
  socket.resume();
  await within('the connection to be closed', once(socket, 'close'));
  assert.match(log.lines[0] ?? '', 'it connected but sent no proper hello');
  const there = startProbe(master, 'there');
  await exchange(startProbe(await silent({ tls: SLAVE }), 'here'), there);
});

test('with TLS, too, a peer that is gone is noticed at once', async () => {
  const master = await listening({ tls: MASTER });
  const slave = await listening({ tls: SLAVE });
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  await exchange(here, there);
  here.context.watch(there.address);
  await master.close();
  await here.until('the loss', () => here.lost.length === 1);
});

test('a call in clear is refused before anything is known of it', async () => {
  const master = await listening({ tls: MASTER });
  const { code, details } = await rawCall(master.identity).ended();
  assert.is(code, status.UNAUTHENTICATED);
  assert.match(details, 'TLS is needed here');
});

test.run();
