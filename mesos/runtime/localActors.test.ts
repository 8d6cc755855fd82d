/** Actors of one process among themselves, on both runtimes: who is told that one was stopped, and for whom one acts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActorKind, Address, Context, Runtime } from './actor.ts';
import { listening, note, silent, startProbe, textOf, tidyUp } from './testProbe.ts';
import { VirtualCluster } from './virtual.ts';

test.after.each(tidyUp);

interface Process {
  readonly runtime: Runtime;
  address(name: string): Address;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

async function virtualProcess(): Promise<Process> {
  const cluster = new VirtualCluster({ seed: 1 });
  return {
    runtime: cluster.process('a:1', { principal: 'itself' }),
    address: (name) => `${name}@a:1`,
    settled: async () => void cluster.run(() => false, cluster.now + 1000),
  };
}

async function wireProcess(): Promise<Process> {
  const runtime = await silent();
  return {
    runtime,
    address: (name) => runtime.address(name),
    settled: async () => {
      // What is left to the end of a turn is done in the next, and may leave something again.
      for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
    },
  };
}

/** Notes all that happens to it, in order. */
function witness(react: (context: Context, from: Address) => void = () => {}) {
  const seen: string[] = [];
  let own: Context | undefined;
  const kind: ActorKind = {
    inbox: {},
    create: (context) => {
      own = context;
      return {
        receive: (message, from) => {
          seen.push(textOf(message));
          react(context, from);
        },
        lost: (peer) => void seen.push(`lost ${peer.split('@')[0]}`),
      };
    },
  };
  const context = (): Context => {
    if (own === undefined) throw new Error('it was not started');
    return own;
  };
  return { seen, kind, context };
}

for (const [name, start] of [
  ['in virtual time', virtualProcess],
  ['on the wire', wireProcess],
] as const) {
  test(`${name}, a function runs when its time has come, and what is no function is told`, async () => {
    const { runtime, settled } = await start();
    const happened: string[] = [];
    const alarm = (text: string) => ({ due: () => void happened.push(text) });
    const a = witness();
    runtime.spawn('a', a.kind);
    a.context().after(0, alarm('told'));
    a.context().after(0, alarm('cancelled')).cancel();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.context().after(0, () => {
      happened.push('run');
      resolve();
    });
    await settled();
    await promise;
    assert.equal(happened, ['told', 'run']);
  });

  test(`${name}, the end of an actor is told once, after what it had sent, to those that watch it`, async () => {
    const { runtime, settled } = await start();
    const [a, b, other, gone] = [witness(), witness(), witness(), witness()];
    const watcher = runtime.spawn('a', a.kind);
    const idle = runtime.spawn('other', other.kind);
    runtime.spawn('gone', gone.kind);
    const address = runtime.spawn('b', b.kind);
    a.context().watch(address);
    a.context().watch(address);
    gone.context().watch(address);
    await settled();
    assert.equal(a.seen, []);
    for (const text of ['first', 'second']) b.context().send(watcher, note(text));
    b.context().send(idle, note('third'));
    runtime.stop(gone.context().self);
    runtime.stop(address);
    runtime.stop(address);
    assert.equal(a.seen, []);
    await settled();
    assert.equal(a.seen, ['first', 'second', 'lost b']);
    assert.equal(other.seen, ['third']);
    assert.equal(gone.seen, []);
    assert.equal(b.seen, []);
  });

  test(`${name}, one that comes back must be watched again`, async () => {
    const { runtime, settled } = await start();
    const a = witness();
    runtime.spawn('a', a.kind);
    const address = runtime.spawn('b', witness().kind);
    a.context().watch(address);
    runtime.stop(address);
    await settled();
    runtime.spawn('b', witness().kind);
    runtime.stop(address);
    await settled();
    assert.equal(a.seen, ['lost b']);
    runtime.spawn('b', witness().kind);
    a.context().watch(address);
    await settled();
    assert.equal(a.seen, ['lost b']);
    runtime.stop(address);
    await settled();
    assert.equal(a.seen, ['lost b', 'lost b']);
  });

  test(`${name}, one that was stopped before its message arrived can still be watched, and is lost`, async () => {
    const { runtime, settled } = await start();
    const a = witness((context, from) => context.watch(from));
    const to = runtime.spawn('a', a.kind);
    const b = witness();
    const address = runtime.spawn('b', b.kind);
    b.context().send(to, note('hello'));
    runtime.stop(address);
    await settled();
    assert.equal(a.seen, ['hello', 'lost b']);
  });

  test(`${name}, one that is not there is lost, unless it comes at once`, async () => {
    const { runtime, address, settled } = await start();
    const a = witness();
    runtime.spawn('a', a.kind);
    a.context().watch(address('nobody'));
    a.context().watch(address('late'));
    runtime.spawn('late', witness().kind);
    await settled();
    assert.equal(a.seen, ['lost nobody']);
    runtime.stop(address('late'));
    await settled();
    assert.equal(a.seen, ['lost nobody', 'lost late']);
  });

  test(`${name}, two that watch each other may be stopped in any order, also by what they are told`, async () => {
    const { runtime, settled } = await start();
    const [a, b] = [witness(), witness(() => runtime.stop(a.context().self))];
    runtime.spawn('a', a.kind);
    const to = runtime.spawn('b', b.kind);
    a.context().watch(to);
    b.context().watch(a.context().self);
    b.context().watch(to);
    a.context().send(to, note('end me'));
    a.context().send(to, note('last'));
    await settled();
    assert.equal(b.seen, ['end me', 'last', 'lost a']);
    runtime.stop(to);
    await settled();
    assert.equal(a.seen, []);
  });

  test(`${name}, others see for whom an actor acts`, async () => {
    const { runtime, address, settled } = await start();
    const asked: (string | undefined)[] = [];
    const a = witness((context, from) => void asked.push(context.principalOf(from)));
    const to = runtime.spawn('a', a.kind);
    const [b, c] = [witness(), witness()];
    const forAlice = runtime.spawn('b', b.kind, { principal: 'alice' });
    const forItself = runtime.spawn('c', c.kind);
    assert.is(a.context().principalOf(forAlice), 'alice');
    assert.is(a.context().principalOf(forItself), undefined);
    assert.is(a.context().principalOf(address('nobody')), undefined);
    // What it says is not checked at any border, as it passes none.
    b.context().send(to, note('b'));
    c.context().send(to, note('c'));
    await settled();
    assert.equal(a.seen, ['b', 'c']);
    assert.equal(asked, ['alice', undefined]);
  });

  test(`${name}, a message is from whom it was sent for, whoever has the name by then`, async () => {
    const { runtime, settled } = await start();
    const asked: (string | undefined)[] = [];
    const a = witness((context, from) => void asked.push(context.principalOf(from)));
    const to = runtime.spawn('a', a.kind);
    const [first, second] = [witness(), witness()];
    const address = runtime.spawn('b', first.kind, { principal: 'alice' });
    first.context().send(to, note('of alice'));
    runtime.stop(address);
    assert.is(a.context().principalOf(address), undefined);
    runtime.spawn('b', second.kind, { principal: 'bob' });
    second.context().send(to, note('of bob'));
    assert.is(a.context().principalOf(address), 'bob');
    await settled();
    assert.equal(a.seen, ['of alice', 'of bob']);
    assert.equal(asked, ['alice', 'bob']);
    assert.is(a.context().principalOf(address), 'bob');
  });
}

test('in virtual time, other processes see the principal of the process, and no loss', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const process = cluster.process('b:1', { principal: 'master' });
  const [a, b] = [witness(), witness()];
  cluster.process('a:1').spawn('a', a.kind);
  const address = process.spawn('b', b.kind, { principal: 'alice' });
  assert.is(a.context().principalOf(address), 'master');
  a.context().watch(address);
  process.stop(address);
  cluster.run(() => false, 1000);
  assert.equal(a.seen, []);
  cluster.crash('b:1');
  cluster.run(() => false, 2000);
  assert.equal(a.seen, ['lost b']);
});

test('in virtual time, one in a process that is paused is told when that goes on', () => {
  const cluster = new VirtualCluster({ seed: 1 });
  const process = cluster.process('a:1');
  const [a, b] = [witness(), witness()];
  const to = process.spawn('a', a.kind);
  const address = process.spawn('b', b.kind);
  a.context().watch(address);
  cluster.pause('a:1');
  b.context().send(to, note('last'));
  process.stop(address);
  cluster.run(() => false, 1000);
  assert.equal(a.seen, []);
  cluster.resume('a:1');
  assert.equal(a.seen, ['last', 'lost b']);
});

test('on the wire, other processes see the principal of the process, and no loss', async () => {
  const credential = { principal: 'hadoop', secret: 'elephant' };
  const [master, framework] = [await listening({ credentials: [credential] }), await silent({ credential })];
  const there = startProbe(master, 'there');
  const b = witness();
  const address = framework.spawn('b', b.kind, { principal: 'alice' });
  b.context().send(there.address, note('hello'));
  await there.until('the message', () => there.received.length === 1);
  assert.is(there.context.principalOf(address), 'hadoop');
  there.context.watch(address);
  framework.stop(address);
  // What another actor sends now arrives after all that its process had to tell of the first.
  const here = startProbe(framework, 'here');
  here.context.send(there.address, note('still there'));
  await there.until('the message', () => there.received.length === 2);
  assert.equal(there.lost, []);
  await framework.close();
  await there.until('the loss', () => there.lost.length === 1);
  assert.equal(there.lost, [address]);
});

test.run();
