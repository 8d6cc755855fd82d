import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Message } from '../protocol/message.ts';
import type { ActorKind, Context } from './actor.ts';
import { EventQueue } from './eventQueue.ts';
import { seededRandom } from './random.ts';
import { VirtualCluster } from './virtual.ts';

const message = (n: number): Message => ({ type: 'ACKNOWLEDGED', taskId: String(n), uuid: 'u' });

/** An actor that a test scripts: what it received, and its context. */
function scripted(): { kind: ActorKind; received: string[]; lost: string[]; context: () => Context } {
  const received: string[] = [];
  const lost: string[] = [];
  let own: Context | undefined;
  return {
    received,
    lost,
    context: () => own as Context,
    kind: {
      inbox: {},
      create: (context) => {
        own = context;
        return {
          receive: (m) => void received.push((m as { taskId: string }).taskId),
          lost: (peer) => void lost.push(peer),
        };
      },
    },
  };
}

test('the queue gives back what it was given, by time and then by order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const queue = new EventQueue<{ at: number; order: number }>();
      for (const [order, at] of times.entries()) queue.push({ at, order }, at);
      const out = [];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) out.push(next);
      const expected = times
        .map((at, order) => ({ at, order }))
        .sort((a, b) => a.at - b.at || a.order - b.order);
      assert.equal(out, expected);
      assert.is(queue.size, 0);
    }),
  );
});

test('what is not wanted any more leaves the queue, and the rest stays in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.nat({ max: 5 }), (times, served) => {
      const queue = new EventQueue<{ at: number; order: number }>();
      for (const [order, at] of times.entries()) queue.push({ at, order }, at);
      const left = times
        .map((at, order) => ({ at, order }))
        .sort((a, b) => a.at - b.at || a.order - b.order)
        .slice(served);
      for (let n = 0; n < served; n++) queue.pop();
      const isWanted = ({ order }: { order: number }): boolean => order % 2 === 0;
      queue.keep(isWanted);
      const expected = left.filter(isWanted);
      assert.is(queue.size, expected.length);
      const out = [];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) out.push(next);
      assert.equal(out, expected);
    }),
  );
});

test('timers that are cancelled soon do not fill the queue, and are no events', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  let ran = 0;
  for (let n = 0; n < 10_000; n++)
    a.context()
      .after(1000, () => ran++)
      .cancel();
  a.context().after(1000, () => ran++);
  assert.ok(cluster.pending < 5000, `${cluster.pending} are pending`);
  cluster.run(() => false, 10_000);
  assert.is(ran, 1);
  assert.is(cluster.events, 1);
});

test('messages of a pair arrive in order, whatever the jitter', () => {
  const network = { latencyMs: 1, jitterMs: 50, detectMs: 1 };
  const cluster = new VirtualCluster({ seed: 3, network });
  const a = scripted();
  const b = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  const to = cluster.process('b:1').spawn('y', b.kind);
  const sent = Array.from({ length: 200 }, (_, n) => String(n));
  for (const n of sent) cluster.at(Number(n), () => a.context().send(to, message(Number(n))));
  cluster.run(() => false, 10_000);
  assert.equal(b.received, sent);
});

test('timers run in the order of their times, and not when cancelled', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  const ran: string[] = [];
  a.context().after(20, () => ran.push('late'));
  a.context().after(10, () => ran.push('early'));
  a.context()
    .after(15, () => ran.push('never'))
    .cancel();
  cluster.run(() => false, 100);
  assert.equal(ran, ['early', 'late']);
  assert.is(cluster.now, 20);
});

test('a crash is told to those that watch, once, and silences the dead', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  const b = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  const peer = cluster.process('b:1').spawn('y', b.kind);
  a.context().watch(peer);
  let ran = false;
  b.context().after(50, () => {
    ran = true;
  });
  cluster.at(10, () => cluster.crash('b:1'));
  cluster.at(20, () => a.context().send(peer, message(1)));
  cluster.run(() => false, 1_000);
  assert.equal(a.lost, [peer]);
  assert.equal(b.received, []);
  assert.not(ran);
});

test('an actor that is born again knows nothing of its former life', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const first = scripted();
  const second = scripted();
  const sender = scripted();
  cluster.process('s:1').spawn('s', sender.kind);
  const address = cluster.process('a:1').spawn('x', first.kind);
  let ran = false;
  first.context().after(100, () => {
    ran = true;
  });
  sender.context().send(address, message(1));
  cluster.crash('a:1');
  cluster.process('a:1').spawn('x', second.kind);
  cluster.run(() => false, 1_000);
  assert.equal(second.received, []);
  assert.not(ran);
});

test('watching one that is not there is answered by a loss', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  a.context().watch('nobody@b:1');
  cluster.run(() => false, 100);
  assert.equal(a.lost, ['nobody@b:1']);
});

test('one that comes to be there in time is watched, and nothing is lost', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const [a, b] = [scripted(), scripted()];
  cluster.process('a:1').spawn('x', a.kind);
  a.context().watch('y@b:1');
  cluster.at(0.5, () => void cluster.process('b:1').spawn('y', b.kind));
  cluster.run(() => false, 100);
  assert.equal(a.lost, []);
  cluster.crash('b:1');
  cluster.run(() => false, 200);
  assert.equal(a.lost, ['y@b:1']);
});

test('an actor that is stopped is no loss: its process lives on', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  const b = scripted();
  const c = scripted();
  cluster.process('a:1').spawn('x', a.kind);
  const peer = cluster.process('b:1').spawn('y', b.kind);
  cluster.process('b:1').spawn('z', c.kind);
  a.context().watch(peer);
  cluster.process('b:1').stop(peer);
  a.context().send(peer, message(1));
  cluster.run(() => false, 1_000);
  assert.equal(a.lost, []);
  cluster.crash('b:1');
  cluster.run(() => false, 2_000);
  assert.equal(a.lost, [peer]);
});

test('a process is who it is said to be, to all others', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const a = scripted();
  const b = scripted();
  const self = cluster.process('a:1').spawn('x', a.kind);
  const peer = cluster.process('b:1', { principal: 'hadoop' }).spawn('y', b.kind);
  assert.is(a.context().principalOf(peer), 'hadoop');
  assert.is(a.context().principalOf('another@b:1'), 'hadoop');
  assert.is(a.context().principalOf('nobody@c:1'), undefined);
  assert.is(b.context().principalOf(self), undefined);
  assert.is(b.context().principalOf(peer), undefined);
  cluster.process('b:1');
  assert.is(a.context().principalOf(peer), 'hadoop');
});

test('random streams repeat by seed and differ between seeds', () => {
  const draw = (seed: string): readonly number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 100 }, () => random.uniform());
  };
  assert.equal(draw('a'), draw('a'));
  assert.not.equal(draw('a'), draw('b'));
  assert.ok(draw('c').every((x) => x >= 0 && x < 1));
});

test.run();
