/** The wire runtime in good weather; wireFaults.test.ts has the rest. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../protocol/history.ts';
import { EXECUTOR_INBOX, MASTER_INBOX, SLAVE_INBOX } from '../protocol/message.ts';
import {
  endLater,
  listening,
  note,
  silent,
  startChild,
  startLog,
  startProbe,
  textOf,
  tidyUp,
  within,
} from './testProbe.ts';

test.after.each(tidyUp);

test('a process that listens and one that does not talk both ways over one link', async () => {
  const master = await listening();
  const slave = await silent();
  const there = startProbe(master, 'master', MASTER_INBOX);
  const here = startProbe(slave, 'slave');
  assert.match(master.identity, /^127\.0\.0\.1:\d+$/);
  assert.match(slave.identity, /^[^:]+:0\/[0-9a-f]+$/);
  here.context.send(there.address, { type: 'PONG' });
  await there.until('the PONG', () => there.received.length === 1);
  assert.equal(there.received, [{ message: { type: 'PONG' }, from: `slave@${slave.identity}` }]);
  there.context.send(here.address, { type: 'PING' });
  await here.until('the PING', () => here.received.length === 1);
  assert.is(here.received[0]?.from, there.address);
  assert.is(master.stats().links, 1);
  assert.is(slave.stats().links, 1);
});

test('two processes that have much to say at the same time both hear all of it', async () => {
  const master = await listening();
  const slave = await silent();
  const [there, here] = [startProbe(master, 'there'), startProbe(slave, 'here')];
  here.context.send(there.address, note('there'));
  await there.until('the message', () => there.received.length === 1);
  // More than systems hold for a connection whose reader does not read.
  const PIECES = 16;
  for (let n = 0; n < PIECES; n++) {
    here.context.send(there.address, note('x'.repeat(1 << 20)));
    there.context.send(here.address, note('x'.repeat(1 << 20)));
  }
  await there.until('all of it', () => there.received.length === 1 + PIECES);
  await here.until('all of it', () => here.received.length === PIECES);
});

test('messages of a pair arrive in order and once, whatever else is under way', async () => {
  const left = await listening({ limits: { frameTargetBytes: 10_000 } });
  const right = await listening();
  const names = ['a', 'b', 'c'];
  const senders = names.map((name) => startProbe(left, name));
  const receivers = names.map((name) => startProbe(right, name));
  const EACH = 2000;
  for (let n = 0; n < EACH; n++) {
    for (const sender of senders)
      for (const receiver of receivers) {
        sender.context.send(receiver.address, note(`${n}`));
        receiver.context.send(sender.address, note(`${n}`));
      }
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const probe of [...senders, ...receivers]) {
    await probe.until('all messages', () => probe.received.length >= names.length * EACH);
    const byPeer = Map.groupBy(probe.received, (each) => each.from);
    assert.is(byPeer.size, names.length);
    for (const [from, messages] of byPeer) {
      const numbers = messages.map((each) => Number(textOf(each.message)));
      assert.ok(
        numbers.every((number, index) => number === index),
        `messages from ${from} are out of order`,
      );
    }
  }
});

test('what one turn sends to a peer leaves in one frame', async () => {
  const left = await listening();
  const right = await listening();
  const senders = ['a', 'b', 'c'].map((name) => startProbe(left, name));
  const receiver = startProbe(right, 'receiver');
  for (let n = 0; n < 400; n++)
    for (const sender of senders) sender.context.send(receiver.address, note(`${n}`));
  await receiver.until('all messages', () => receiver.received.length === 1200);
  assert.is(left.stats().framesOut, 1);
  assert.is(right.stats().framesIn, 1);
  assert.is(left.stats().envelopesOut, 1200);
  assert.is(right.stats().bytesIn, left.stats().bytesOut);
});

test('a turn that sends very much is cut into frames near the target', async () => {
  const left = await listening();
  const right = await listening();
  const sender = startProbe(left, 'sender');
  const receiver = startProbe(right, 'receiver');
  for (let n = 0; n < 50; n++) sender.context.send(receiver.address, note('x'.repeat(100_000)));
  await receiver.until('all messages', () => receiver.received.length === 50);
  const { framesOut, bytesOut } = left.stats();
  assert.ok(bytesOut > 5_000_000);
  assert.ok(framesOut >= 5 && framesOut <= 10, `${framesOut} frames`);
});

test('within a process, messages arrive in a later turn and are not copied', async () => {
  const wire = await listening();
  const left = startProbe(wire, 'left');
  const right = startProbe(wire, 'right');
  const message = note('x');
  left.context.send(right.address, message);
  assert.is(right.received.length, 0);
  await right.until('the message', () => right.received.length === 1);
  assert.is(right.received[0]?.message, message);
  assert.is(right.received[0]?.from, left.address);
  assert.is(wire.stats().envelopesWithin, 1);
});

test('both may dial at once, and still there is one link, nothing is lost, and order holds', async () => {
  for (let round = 0; round < 30; round++) {
    const one = await listening();
    const two = await listening();
    const left = startProbe(one, 'left');
    const right = startProbe(two, 'right');
    left.context.watch(right.address);
    right.context.watch(left.address);
    for (let n = 0; n < 5; n++) {
      left.context.send(right.address, note(`${n}`));
      right.context.send(left.address, note(`${n}`));
    }
    await left.until('the messages', () => left.received.length === 5);
    await right.until('the messages', () => right.received.length === 5);
    // A last exchange, so that a link that is about to go would be missed.
    left.context.send(right.address, note('5'));
    await right.until('the last message', () => right.received.length === 6);
    right.context.send(left.address, note('5'));
    await left.until('the last message', () => left.received.length === 6);
    for (const probe of [left, right]) {
      assert.is(probe.received.map((each) => textOf(each.message)).join(''), '012345');
      assert.equal(probe.lost, []);
    }
    assert.is(one.stats().links + two.stats().links, 2);
    await Promise.all([one.close(), two.close()]);
  }
});

test('closing sends what is queued first, even if there is no link yet', async () => {
  const left = await listening();
  const right = await listening();
  const receiver = startProbe(right, 'receiver');
  const sender = startProbe(left, 'sender');
  for (let n = 0; n < 1000; n++) sender.context.send(receiver.address, note('x'.repeat(1000)));
  await left.close();
  await receiver.until('all messages', () => receiver.received.length === 1000);
  sender.context.send(receiver.address, note('too late'));
  await right.close();
  assert.is(receiver.received.length, 1000);
});

test('the end that was dialled, closing, sends what is queued first too', async () => {
  const left = await listening();
  const log = startLog();
  const right = await silent({ log: log.write });
  const sender = startProbe(left, 'sender');
  const receiver = startProbe(right, 'receiver');
  receiver.context.send(sender.address, note('here I am'));
  await sender.until('the first message', () => sender.received.length === 1);
  for (let n = 0; n < 1000; n++) {
    sender.context.send(receiver.address, note('x'.repeat(1000)));
    // What comes the other way must not cut it off.
    receiver.context.send(sender.address, note('y'.repeat(5000)));
  }
  await left.close();
  await receiver.until('all messages', () => receiver.received.length === 1000);
  await log.until(`lost the link to ${left.identity}: the other end closed it`);
});

test('a process whose runtime is closed ends by itself', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const child = await startChild({ greet: probe.address, answer: 'close' });
  await probe.until('the greeting', () => probe.received.length === 1);
  probe.context.send(child.address, note('you may go'));
  await probe.until('the goodbye', () => probe.received.length === 2);
  assert.is(await child.exit(), 0);
});

test('names of actors are unique in their process and can be addresses', async () => {
  const wire = await listening();
  startProbe(wire, 'twin');
  assert.throws(() => startProbe(wire, 'twin'), /'twin' lives in this process already/);
  for (const name of ['', 'a@b', 'x'.repeat(256)])
    assert.throws(() => startProbe(wire, name), /cannot be an actor/);
  await wire.close();
  assert.throws(() => startProbe(wire, 'late'), /the runtime is closed/);
});

test('a stopped actor gets nothing any more and its timers do not run', async () => {
  const wire = await listening();
  const left = startProbe(wire, 'left');
  const right = startProbe(wire, 'right');
  right.context.after(1, () => assert.unreachable());
  left.context.send(right.address, note('x'));
  wire.stop(right.address);
  right.context.send(left.address, note('from beyond'));
  right.context.after(0, () => assert.unreachable());
  const { promise, resolve } = Promise.withResolvers<void>();
  left.context.after(5, resolve);
  await within('a timer', promise);
  // If all took longer than the timer, that came before the turn in which messages arrive.
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(right.received.length, 0);
  assert.is(left.received.length, 0);
  assert.is(wire.stats().dropped.unknownActor, 1);
  assert.is(startProbe(wire, 'right').address, right.address);
});

test('a context may be taken apart', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const { now, after, send, watch, record, random } = probe.context;
  const start = now();
  record({ event: 'job-started', framework: 'f', jobId: 'j' });
  watch(probe.address);
  after(1, () => send(probe.address, note(`${random.uint32()}`)));
  await probe.until('the message', () => probe.received.length === 1);
  assert.ok(now() - start >= 1);
  assert.ok(Math.abs(now() - Date.now()) < 1000);
});

test('events are stamped with the time, a sequence number and the actor', async () => {
  const lines: HistoryLine[] = [];
  const history = { append: (line: HistoryLine) => lines.push(line), close: async () => {} };
  const wire = await listening({ history });
  const left = startProbe(wire, 'left');
  const right = startProbe(wire, 'right');
  left.context.record({ event: 'job-started', framework: 'f', jobId: '1' });
  right.context.record({ event: 'job-started', framework: 'f', jobId: '2' });
  assert.equal(
    lines.map(({ seq, by }) => ({ seq, by })),
    [
      { seq: 0, by: left.address },
      { seq: 1, by: right.address },
    ],
  );
  assert.ok(lines.every(({ t }) => Math.abs(t - Date.now()) < 1000));
});

test('a port that is in use is named, with what to do', async () => {
  const other = createServer();
  endLater(() => other.close());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const bound = other.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  try {
    await listening({ listen: { host: '127.0.0.1', port } });
    assert.unreachable();
  } catch (error) {
    assert.match(
      String(error),
      `cannot listen on 127.0.0.1:${port}: the port is in use; stop the process that has it or choose another port`,
    );
  }
});

test('what would be unsafe or cannot work is refused in one sentence', async () => {
  const refusals: [Parameters<typeof listening>[0], RegExp][] = [
    [{ listen: { host: '0.0.0.0', port: 0 } }, /give a secret or certificates, or listen on 127\.0\.0\.1/],
    [{ listen: { host: '192.0.2.1', port: 0 } }, /give a secret/],
    [{ listen: { host: '0.0.0.0', port: 0 }, secret: 's' }, /say by which host/],
    [{ listen: { host: '192.0.2.1', port: 0 }, secret: 's' }, /this machine has no such address/],
    [{ secret: '' }, /the secret is empty/],
    [{ credential: { principal: 'a b', secret: 's' } }, /'a b' cannot be a principal/],
    [{ credentials: [{ principal: 'executor/1', secret: 's' }] }, /are for executors/],
    [{ credentials: [{ principal: 'a', secret: '' }] }, /the secret of 'a' is empty/],
    [{ credentials: ['s', 't'].map((secret) => ({ principal: 'a', secret })) }, /two secrets of 'a'/],
    [{ tls: { ca: 'nonsense' } }, /a process needs a certificate and its key/],
    [{ tls: { ca: 'nonsense', own: { cert: '', key: '' } } }, /the authority's certificate is not in PEM/],
  ];
  for (const [options, reason] of refusals) {
    try {
      await listening(options);
      assert.unreachable(String(reason));
    } catch (error) {
      assert.match(String(error), reason);
    }
  }
});

test('with a secret, all interfaces may be listened on, under the advertised host', async () => {
  const server = await listening({
    listen: { host: '0.0.0.0', port: 0 },
    advertise: '127.0.0.1',
    secret: 's3cret',
  });
  const client = await silent({ secret: 's3cret' });
  const there = startProbe(server, 'there');
  startProbe(client, 'here').context.send(there.address, note('x'));
  await there.until('the message', () => there.received.length === 1);
});

test('who says so may listen to all machines with neither a secret nor certificates', async () => {
  const server = await listening({
    listen: { host: '0.0.0.0', port: 0 },
    advertise: '127.0.0.1',
    insecure: true,
  });
  const there = startProbe(server, 'there');
  startProbe(await silent(), 'here').context.send(there.address, note('x'));
  await there.until('the message', () => there.received.length === 1);
});

test('an IPv6 host works, with brackets', async () => {
  const server = await listening({ listen: { host: '::1', port: 0 } });
  assert.match(server.identity, /^\[::1\]:\d+$/);
  const client = await silent();
  const there = startProbe(server, 'there');
  startProbe(client, 'here').context.send(there.address, note('x'));
  await there.until('the message', () => there.received.length === 1);
});

test('a message that its actor does not accept is dropped, counted and logged, the next arrives', async () => {
  const log = startLog();
  const left = await listening();
  const right = await listening({ log: log.write });
  const executor = startProbe(left, 'executor', EXECUTOR_INBOX);
  const slave = startProbe(right, 'slave', SLAVE_INBOX);
  executor.context.send(slave.address, { type: 'SUBSCRIBED' } as never);
  executor.context.send(slave.address, { type: 'KILL_TASK', frameworkId: 'f' } as never);
  executor.context.send(`nobody@${right.identity}`, note('x'));
  executor.context.send(slave.address, note('good'));
  await slave.until('the good message', () => slave.received.length === 1);
  const { dropped } = right.stats();
  assert.is(dropped.invalid, 2);
  assert.is(dropped.unknownActor, 1);
  assert.equal(log.lines, [
    `dropped a message from executor@${left.identity} to slave: unexpected message 'SUBSCRIBED'`,
  ]);
});

test('what an actor throws is logged with its stack and given to onFault, and the others live on', async () => {
  const log = startLog();
  const faults: unknown[] = [];
  const wire = await listening({ log: log.write, onFault: (error, actor) => faults.push([error, actor]) });
  const probe = startProbe(wire, 'probe');
  const error = new Error('on purpose');
  const faulty = wire.spawn('faulty', {
    inbox: SLAVE_INBOX,
    create: (context) => {
      context.after(0, () => {
        throw error;
      });
      return {
        receive: () => {
          throw error;
        },
      };
    },
  });
  probe.context.send(faulty, note('x'));
  probe.context.send(probe.address, note('x'));
  await probe.until('its own message', () => probe.received.length === 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  probe.context.after(1, resolve);
  await within('a timer', promise);
  assert.equal(faults, [
    [error, faulty],
    [error, faulty],
  ]);
  assert.match(log.lines[0] ?? '', /^faulty@.* failed: Error: on purpose\n +at /);
});

test('unless told otherwise, what an actor throws ends the process', async () => {
  const wire = await listening();
  const probe = startProbe(wire, 'probe');
  const child = await startChild({ greet: probe.address, answer: 'throw' });
  await probe.until('the greeting', () => probe.received.length === 1);
  probe.context.watch(child.address);
  probe.context.send(child.address, note('x'));
  assert.is(await child.exit(), 1);
  await probe.until('the loss', () => probe.lost.length === 1);
});

test.run();
