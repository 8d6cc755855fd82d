/** The wire runtime in bad weather: peers that die, hang, lie, or are not there. */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  listening,
  note,
  type Probe,
  silent,
  startChild,
  startLog,
  startProbe,
  textOf,
  tidyUp,
  within,
} from './testProbe.ts';
import { rawCall, rawServer } from './testRawPeer.ts';
import type { WireRuntime } from './wire.ts';

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Resolves when there are no more sockets than before; those of earlier tests may still be closing. */
async function socketsGone(before: number): Promise<void> {
  const limit = performance.now() + 5_000;
  while (openSockets() > before) {
    assert.ok(performance.now() < limit, 'sockets are left behind');
    await new Promise(setImmediate);
  }
}

/** Sockets that this process holds. */
function openSockets(): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // The one that the folder itself was read by.
      return '';
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

/** Asserts that two processes still hear each other. */
async function assertLinked(probe: Probe, peer: Probe): Promise<void> {
  const heard = peer.received.length;
  probe.context.send(peer.address, note('still there?'));
  await peer.until('the message', () => peer.received.length > heard);
}

test.after.each(tidyUp);

test('a process that is killed is noticed at once, and each watcher told once', async () => {
  const wire = await listening();
  const one = startProbe(wire, 'one');
  const two = startProbe(wire, 'two');
  const child = await startChild({});
  one.context.watch(child.address);
  one.context.watch(child.address);
  two.context.watch(child.address);
  two.context.watch(`another@${child.address.split('@')[1]}`);
  one.context.send(child.address, note('x'));
  await one.until('the echo', () => one.received.length === 1);
  await child.kill();
  await one.until('the loss', () => one.lost.length > 0);
  await two.until('the losses', () => two.lost.length > 1);
  assert.equal(one.lost, [child.address]);
  assert.equal(two.lost, [child.address, `another@${child.address.split('@')[1]}`]);
  one.context.send(two.address, note('later'));
  await two.until('a later message', () => two.received.length === 1);
  assert.is(one.lost.length, 1, 'told again without having watched again');
});

test('a process that comes back on the same port is reached again', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const child = await startChild({});
  probe.context.watch(child.address);
  probe.context.send(child.address, note('first'));
  await probe.until('the echo', () => probe.received.length === 1);
  await child.kill();
  await probe.until('the loss', () => probe.lost.length === 1);
  const port = Number(child.address.split(':')[1]);
  const again = await startChild({ port });
  assert.is(again.address, child.address);
  probe.context.send(again.address, note('second'));
  await probe.until('the second echo', () => probe.received.length === 2);
  assert.equal(
    probe.received.map((each) => textOf(each.message)),
    ['first', 'second'],
  );
});

test('whoever keeps watching is linked as soon as the process is there, after pauses that grow', async () => {
  const wire = await listening();
  const port = await freePort();
  const address = `child@127.0.0.1:${port}`;
  let losses = 0;
  const { promise: fourLosses, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  const keeper = wire.spawn('keeper', {
    inbox: {},
    create: (context) => {
      context.watch(address);
      return {
        receive: () => {},
        lost: (peer) => {
          losses++;
          if (losses === 4) resolve();
          context.watch(peer);
        },
      };
    },
  });
  await within('four losses', fourLosses);
  // The first dial is made at once; then 50, 100 and 200 ms pass, each give or take a quarter.
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 262, `four dials took ${tookMs} ms`);
  const probe = startProbe(wire, 'probe');
  await startChild({ port, greet: probe.address });
  await probe.until('the greeting', () => probe.received.length === 1);
  wire.stop(keeper);
});

test('a port that nobody listens on is reported quickly, and what waited for it is dropped and counted', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const address = `nobody@127.0.0.1:${await freePort()}`;
  const start = performance.now();
  probe.context.watch(address);
  probe.context.send(address, note('x'));
  probe.context.send(address, note('y'));
  await probe.until('the loss', () => probe.lost.length === 1);
  assert.ok(performance.now() - start < 3000, `took ${performance.now() - start} ms`);
  assert.is(wire.stats().dropped.broken, 2);
});

test('what cannot be dialled is reported to watchers, what is sent there is dropped and counted', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const addresses = ['a@elsewhere:0/0123456789abcdef', 'nonsense', '', '@', 'a@b', 'a@b:99999', 'a@b:1@c:1'];
  for (const address of addresses) {
    probe.context.send(address, note('x'));
    probe.context.watch(address);
  }
  await probe.until('the losses', () => probe.lost.length === addresses.length);
  assert.equal(probe.lost, addresses);
  assert.is(wire.stats().dropped.unreachable, addresses.length);
});

test('a process that is stopped is noticed by its silence, on links it made and on links made to it', async () => {
  const timeouts = { keepaliveMs: 200, keepaliveTimeoutMs: 500 };
  const wire = await listening({ timeouts });
  const probe = startProbe(wire, 'probe');
  const dialled = await startChild({});
  const dialling = await startChild({ greet: probe.address });
  probe.context.send(dialled.address, note('x'));
  await probe.until('both', () => probe.received.length === 2);
  for (const child of [dialled, dialling]) {
    probe.context.watch(child.address);
    child.process.kill('SIGSTOP');
  }
  await probe.until('the losses', () => probe.lost.length === 2);
});

test('dials to a process that is stopped fail in time and leave no sockets behind', async () => {
  const wire = await silent({ timeouts: { dialTimeoutMs: 50 } });
  const probe = startProbe(wire, 'probe');
  const child = await startChild({});
  child.process.kill('SIGSTOP');
  const before = openSockets();
  // Its kernel accepts connections still.
  for (let dials = 1; dials <= 3; dials++) {
    probe.context.watch(child.address);
    await probe.until('the loss', () => probe.lost.length === dials);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  probe.context.after(50, resolve);
  await promise;
  await socketsGone(before);
});

for (const [role, start] of [
  ['that dialled us', async (wire: WireRuntime) => callAndNeverRead(wire)],
  ['that we dialled', async (_: WireRuntime, probe: Probe) => answerAndNeverRead(probe)],
] as const)
  test(`a peer ${role} and does not read is dropped before it fills the memory`, async () => {
    const log = startLog();
    const limits = { bufferedBytesMax: 3_000_000 };
    const wire = await listening({ limits, log: log.write });
    const probe = startProbe(wire, 'probe');
    const peer = await start(wire, probe);
    probe.context.watch(peer);
    const text = 'x'.repeat(100_000);
    // The sockets and the other end hold some 20 MB; 1 MB is sent in a turn.
    for (let turn = 0; turn < 60 && probe.lost.length === 0; turn++) {
      for (let n = 0; n < 10; n++) probe.context.send(peer, note(text));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(probe.lost, [peer]);
    assert.match(
      log.lines.join('\n'),
      `dropped ${peer.split('@')[1]}: it does not read: more than 3000000 bytes`,
    );
    assert.ok(wire.stats().dropped.broken >= 30);
  });

async function callAndNeverRead(wire: WireRuntime): Promise<string> {
  const raw = rawCall(wire.identity, { identity: 'raw:0/00000002' });
  await raw.accepted();
  return 'raw@raw:0/00000002';
}

async function answerAndNeverRead(probe: Probe): Promise<string> {
  const raw = await rawServer('127.0.0.1');
  probe.context.send(`raw@${raw.identity}`, note('x'));
  raw.accept(await raw.nextCall());
  return `raw@${raw.identity}`;
}

test('a process without the right secret is refused, which both sides log once', async () => {
  const serverLog = startLog();
  const clientLog = startLog();
  const server = await listening({ secret: 'right', log: serverLog.write });
  for (const secret of ['wrong', undefined]) {
    const client = await silent({ log: clientLog.write, ...(secret === undefined ? {} : { secret }) });
    const probe = startProbe(client, 'probe');
    probe.context.watch(`x@${server.identity}`);
    await probe.until('the loss', () => probe.lost.length === 1);
    // It is not tried again soon, though someone watches.
    probe.context.watch(`x@${server.identity}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    probe.context.after(300, resolve);
    await promise;
    assert.is(probe.lost.length, 1);
    await client.close();
  }
  assert.is(server.stats().links, 0);
  assert.is(serverLog.lines.length, 1);
  assert.match(
    serverLog.lines[0] ?? '',
    /refused a connection from 127\.0\.0\.1:\d+: it does not know the secret/,
  );
  const line = (why: string): string => `no link to ${server.identity}: ${why}`;
  assert.equal(clientLog.lines, [
    line('wrong secret; give both processes the same'),
    line('a secret is needed; give it one'),
  ]);
});

test('what is no gRPC does not hurt, and is shown out', async () => {
  const log = startLog();
  const wire = await listening({ log: log.write, timeouts: { helloTimeoutMs: 1000 } });
  const other = await listening();
  const probe = startProbe(wire, 'probe');
  const peer = startProbe(other, 'peer');
  await assertLinked(peer, probe);
  const port = Number(wire.identity.split(':')[1]);
  const junk = [
    '',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\u0000\u0001\u0002\u0003'.repeat(1000),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\u00ff'.repeat(500)}`,
  ];
  for (const bytes of junk) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes, 'latin1');
    await within(
      `the connection to be closed after ${JSON.stringify(bytes.slice(0, 10))}`,
      once(socket, 'close'),
    );
    await assertLinked(peer, probe);
  }
  assert.ok(log.lines.some((line) => line.endsWith('it connected but sent no proper hello')));
});

test('a hello that is malformed, or of another protocol, is refused with the reason', async () => {
  const wire = await listening();
  const refusals: [Parameters<typeof rawCall>[1], RegExp][] = [
    [{ identity: 'nonsense' }, /the hello is malformed/],
    [{ identity: wire.identity }, /is this process/],
    [{ incarnation: 'x' }, /the hello is malformed/],
    [{ after: 'x' }, /the hello is malformed/],
    [{ dial: -1 }, /the hello is malformed/],
  ];
  for (const [hello, reason] of refusals) {
    const raw = rawCall(wire.identity, hello);
    const { code, details } = await raw.ended();
    assert.is(code, status.FAILED_PRECONDITION);
    assert.match(details, reason);
    raw.close();
  }
});

test('a peer that sends junk frames is shown out', async () => {
  const log = startLog();
  const wire = await listening({ log: log.write });
  for (const junk of ['', 'nonsense', '{}', '7', '[[']) {
    const raw = rawCall(wire.identity);
    await raw.accepted();
    raw.call.write(Buffer.from(junk));
    await raw.ended();
    raw.close();
  }
  assert.is(wire.stats().dropped.malformed, 5);
  assert.match(log.lines[0] ?? '', 'lost the link to raw:0/00000000: it sent a frame that is no JSON array');
});

test('what is no envelope is dropped and counted, and the link stays', async () => {
  const log = startLog();
  const wire = await listening({ log: log.write });
  const probe = startProbe(wire, 'probe');
  const raw = rawCall(wire.identity);
  await raw.accepted();
  const good = ['probe', 'raw', note('good')];
  raw.call.write(
    Buffer.from(JSON.stringify([1, null, {}, ['probe'], ['probe', 'a@b', note('x')], [], good])),
  );
  raw.call.write(Buffer.from('[]'));
  raw.call.write(Buffer.from(JSON.stringify([['probe', 'raw', null], ['probe', 'raw', 7], good])));
  await probe.until('the good ones', () => probe.received.length === 2);
  const { dropped } = wire.stats();
  assert.is(dropped.malformed, 6);
  assert.is(dropped.invalid, 2);
  assert.is(log.lines.length, 2);
});

test('a frame that is larger than allowed is refused, and its sender with it', async () => {
  const wire = await listening({ limits: { frameBytesMax: 10_000 } });
  const raw = rawCall(wire.identity);
  await raw.accepted();
  raw.call.write(Buffer.from(JSON.stringify([['probe', 'raw', note('x'.repeat(20_000))]])));
  assert.is.not((await raw.ended()).code, status.OK);
  assert.is(wire.stats().framesIn, 0);
});

test('a message larger than a frame may be is dropped where it is sent, and the next arrives', async () => {
  const log = startLog();
  const wire = await listening({ limits: { frameBytesMax: 10_000 }, log: log.write });
  const other = await listening();
  const probe = startProbe(wire, 'probe');
  const peer = startProbe(other, 'peer');
  probe.context.send(peer.address, note('x'.repeat(20_000)));
  probe.context.send(peer.address, note('small'));
  await peer.until('the small one', () => peer.received.length === 1);
  assert.is(wire.stats().dropped.unsendable, 1);
  assert.match(
    log.lines[0] ?? '',
    /dropped a FRAMEWORK_TO_EXECUTOR from probe to peer: \d+ bytes, more than the 10000/,
  );
});

test('more connections than allowed are turned away', async () => {
  const log = startLog();
  const wire = await listening({ limits: { peersMax: 2 }, log: log.write });
  const calls = [1, 2].map((n) => rawCall(wire.identity, { identity: `raw:0/0000000${n}` }));
  for (const call of calls) await call.accepted();
  const third = rawCall(wire.identity, { identity: 'raw:0/00000003' });
  assert.is((await third.ended()).code, status.UNAVAILABLE);
  await log.until('2 connections are open');
  assert.is(wire.stats().links, 2);
});

test('closing does not wait for a peer that dialled us and does not read', async () => {
  const wire = await listening({ timeouts: { closeTimeoutMs: 100 } });
  const probe = startProbe(wire, 'probe');
  const peer = await callAndNeverRead(wire);
  for (let n = 0; n < 400; n++) probe.context.send(peer, note('x'.repeat(100_000)));
  await within('the end of closing', wire.close());
  assert.ok(wire.stats().dropped.closed > 0);
});

test('closing does not wait for a process that is stopped, and leaves no socket behind', async () => {
  const child = await startChild({});
  const before = openSockets();
  const wire = await listening({ timeouts: { closeTimeoutMs: 100 } });
  const probe = startProbe(wire, 'probe');
  probe.context.send(child.address, note('x'));
  await probe.until('the echo', () => probe.received.length === 1);
  child.process.kill('SIGSTOP');
  for (let n = 0; n < 400; n++) probe.context.send(child.address, note('x'.repeat(100_000)));
  await within('the end of closing', wire.close());
  assert.ok(wire.stats().dropped.closed > 0);
  await socketsGone(before);
});

test.run();
