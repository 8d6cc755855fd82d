import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTerminal, TASK_STATES } from '../../protocol/tasks.ts';
import { seededRandom } from '../../runtime/random.ts';
import { sleepTask, testCluster } from '../../testCluster.ts';
import type { Chronicle } from './chronicle.ts';
import { chronicler } from './chronicler.ts';
import { usedOf } from './classicSlaves.ts';

/** What is kept up is what counting would yield. */
function check(chronicle: Chronicle): void {
  const { books, frameworks, slaves, states } = chronicle;
  assert.equal([...frameworks.keys()], [...books.frameworks.keys()]);
  assert.equal([...slaves.keys()], [...books.slaves.keys()]);
  for (const state of TASK_STATES.filter((one) => !isTerminal(one))) {
    let all = 0;
    for (const { framework, tasks, unreachable, states: counted } of frameworks.values()) {
      assert.equal([...tasks.keys()].sort(), [...framework.tasks.keys()].sort());
      let own = state === 'TASK_UNREACHABLE' ? unreachable.size : 0;
      for (const task of framework.tasks.values()) if (task.state === state) own++;
      assert.is(counted[state], own, `${state} of ${framework.id}`);
      all += own;
    }
    assert.is(states[state], all, state);
  }
  for (const record of slaves.values()) {
    let cpus = 0;
    let active = 0;
    for (const { resources } of record.slave.tasks) cpus += resources.cpus ?? 0;
    for (const state of TASK_STATES) if (!isTerminal(state)) active += record.states[state];
    assert.is(usedOf(record).cpus ?? 0, cpus);
    assert.is(active, record.slave.tasks.size);
  }
}

test('whatever happens, what is kept up is what counting would yield', () => {
  for (const seed of [1, 2, 3, 4]) {
    const chronicles = chronicler();
    const cluster = testCluster({
      seed,
      observer: chronicles.observer,
      slavePingIntervalMs: 500,
      slavePingsMissedMax: 2,
      reregisterTimeoutMs: 3000,
    });
    const random = seededRandom(seed);
    const pick = (n: number): number => Math.floor(random.uniform() * n);
    for (let n = 1; n <= 6; n++) cluster.addSlave(n, 'cpus:6;mem:6000');
    let tasks = 0;
    const scripts = ['one', 'two', 'three'].map((name) => {
      const capabilities = name === 'two' ? (['PARTITION_AWARE'] as const) : [];
      const script = cluster.addFramework(name, { capabilities: [...capabilities], failoverTimeout: 1 });
      script.onOffers = (offers) => {
        for (const offer of offers) {
          const count = Math.min(pick(4), Math.floor(offer.resources.cpus ?? 0));
          const launched = Array.from({ length: count }, () =>
            sleepTask(offer, `${name}${tasks++}`, 50 + pick(2000)),
          );
          script.driver.replyToOffer([offer.id], launched, { refuseSeconds: 0.1 });
        }
      };
      return script;
    });
    const machine = (): string => `10.0.1.${1 + pick(6)}:5051`;
    for (let step = 0; step < 60; step++) {
      switch (pick(8)) {
        case 0:
          cluster.virtual.breakLink('10.0.0.1:5050', machine());
          break;
        case 1: {
          const paused = machine();
          cluster.virtual.pause(paused);
          cluster.virtual.at(cluster.virtual.now + pick(3000), () => cluster.virtual.resume(paused));
          break;
        }
        case 2:
          scripts[pick(3)]?.driver.killTask(`${['one', 'two', 'three'][pick(3)]}${pick(tasks)}`);
          break;
        case 3:
          if (step === 50) scripts[0]?.driver.stop();
          break;
        case 4:
          if (step > 30) cluster.restartMaster();
          break;
        default:
      }
      cluster.pass(pick(800));
      if (chronicles.chronicle !== undefined) check(chronicles.chronicle);
    }
    assert.ok(tasks > 100);
  }
});

test('a slave that comes back has registered again, and its tasks that were out of reach are there again', () => {
  const chronicles = chronicler();
  const cluster = testCluster({
    observer: chronicles.observer,
    slavePingIntervalMs: 500,
    slavePingsMissedMax: 2,
  });
  cluster.addSlave(1);
  const framework = cluster.addFramework('one', { capabilities: ['PARTITION_AWARE'] });
  cluster.pass(100);
  const [offer] = framework.offers;
  if (offer === undefined) throw new Error('no offer');
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e9)]);
  cluster.pass(100);
  const partition = cluster.virtual.partition(['10.0.0.1:5050'], ['10.0.1.1:5051']);
  cluster.pass(60_000);
  const { chronicle } = chronicles;
  if (chronicle === undefined) throw new Error('no chronicle');
  const [own] = chronicle.frameworks.values();
  assert.equal([...(own?.unreachable.keys() ?? [])], ['t']);
  assert.is(chronicle.unreachableSlaves.size, 1);
  assert.is(chronicles.counts.slaveUnreachableCompleted, 1);
  partition.heal();
  cluster.pass(60_000);
  assert.is(own?.unreachable.size, 0);
  assert.equal(
    own?.tasks.get('t')?.statuses.map(({ state }) => state),
    ['TASK_RUNNING'],
  );
  assert.is(chronicle.unreachableSlaves.size, 0);
  const [slave] = chronicle.slaves.values();
  assert.ok(slave?.reregisteredMs !== undefined);
  assert.is(chronicles.counts.slaveReregistrations, 1);
});

test('of frameworks that have ended the latest fifty are remembered', () => {
  const chronicles = chronicler();
  const cluster = testCluster({ observer: chronicles.observer });
  for (let n = 0; n < 60; n++) {
    const { driver } = cluster.addFramework(`f${n}`);
    cluster.pass(100);
    driver.stop();
    cluster.pass(100);
  }
  assert.equal(
    chronicles.chronicle?.completedFrameworks.map(({ framework }) => framework.info.name),
    Array.from({ length: 50 }, (_, n) => `f${n + 10}`),
  );
});

test('of unreachable tasks the latest thousand of each framework are remembered', () => {
  const chronicles = chronicler();
  const cluster = testCluster({ observer: chronicles.observer, slavePingIntervalMs: 100 });
  cluster.addSlave(1, 'cpus:2000;mem:2000000');
  const framework = cluster.addFramework('one', { capabilities: ['PARTITION_AWARE'] });
  cluster.pass(100);
  const [offer] = framework.offers;
  if (offer === undefined) throw new Error('no offer');
  const launched = Array.from({ length: 1200 }, (_, n) => sleepTask(offer, `t${n}`, 1e9, 'cpus:1;mem:1'));
  framework.driver.replyToOffer([offer.id], launched);
  cluster.pass(100);
  cluster.virtual.crash('10.0.1.1:5051');
  cluster.pass(60_000);
  const [own] = chronicles.chronicle?.frameworks.values() ?? [];
  assert.is(own?.unreachable.size, 1000);
  assert.is(chronicles.chronicle?.states.TASK_UNREACHABLE, 1000);
});

test.run();
