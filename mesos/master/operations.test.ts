import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Offer, Operation, TaskInfo } from '../protocol/entities.ts';
import {
  format,
  hasReservation,
  isEqual,
  parse,
  type Resources,
  sum,
  unreserved,
} from '../protocol/resources.ts';
import { scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';
import { launching, scriptedFramework } from './testFramework.ts';

const GOLD = { role: 'gold' };
/** With resources as text. */
const reserve = (text: string) => ({ type: 'RESERVE', resources: parse(text) }) as const;
const unreserve = (text: string) => ({ type: 'UNRESERVE', resources: parse(text) }) as const;
const task = (offer: Offer, id: string, ms: number, resources: string): TaskInfo =>
  sleepTask(offer, id, ms, resources);

/** A slave, a framework of the role gold that is offered it, and one of another role that waits. */
function started(resources = 'cpus:4;mem:4096', options: Parameters<typeof testCluster>[0] = {}) {
  const cluster = testCluster(options);
  cluster.addSlave(1, resources);
  const gold = scriptedFramework(cluster, 'gold', GOLD);
  cluster.pass(100);
  const other = scriptedFramework(cluster, 'other');
  cluster.pass(100);
  const total = (): Resources => [...cluster.books.slaves.values()][0]?.info.resources ?? {};
  const dropped = () => cluster.seen('operation-dropped').map(({ operation, reason }) => [operation, reason]);
  return { cluster, gold, other, total, dropped };
}

test('a task runs on what the same reply reserves, and what is reserved is offered to its role only', () => {
  const { cluster, gold, other, total } = started();
  const offer = gold.offer();
  gold.accept(offer, [
    reserve('cpus(gold):2;mem(gold):1024'),
    launching(task(offer, 't1', 1000, 'cpus(gold):1;mem(gold):512;cpus:1')),
  ]);
  cluster.pass(500);
  assert.equal(gold.states('t1'), ['TASK_RUNNING']);
  assert.equal(total(), { cpus: 2, mem: 3072, 'cpus(gold)': 2, 'mem(gold)': 1024 });
  assert.equal(cluster.seen('slave-reserved')[0]?.resources, total());
  assert.equal(gold.offers()[1]?.resources, { 'cpus(gold)': 1, 'mem(gold)': 512 });
  assert.equal(other.offered(), [{ cpus: 1, mem: 3072 }]);
  cluster.pass(10_000);
  assert.equal(gold.states('t1').at(-1), 'TASK_FINISHED');
  const [held, ...more] = [
    sum(
      gold
        .offers()
        .slice(1)
        .map(({ resources }) => resources),
    ),
    ...other.offered(),
  ];
  assert.equal([held?.['cpus(gold)'], held?.['mem(gold)']], [2, 1024]);
  assert.not(more.some(hasReservation));
});

test('operations are executed in order: a task before the reservation that it counts on is an error', () => {
  const { cluster, gold } = started();
  const offer = gold.offer();
  gold.accept(offer, [
    launching(task(offer, 'early', 1000, 'cpus(gold):1')),
    reserve('cpus(gold):1'),
    launching(task(offer, 'late', 1000, 'cpus(gold):1')),
    unreserve('cpus(gold):1'),
    reserve('cpus(gold):3'),
    unreserve('cpus(gold):2'),
  ]);
  cluster.pass(500);
  assert.equal([gold.states('early'), gold.states('late')], [['TASK_ERROR'], ['TASK_RUNNING']]);
  assert.match(
    gold.of('UPDATE')[0]?.status.message ?? '',
    /cpus\(gold\):1 required .* than available cpus:4;mem:4096/,
  );
  // The first UNRESERVE finds it in use.
  assert.equal(
    cluster.seen('operation-dropped').map(({ operation, reason }) => [operation, reason]),
    [['UNRESERVE', 'cpus(gold):1 is more than what is left of the offers, cpus:3;mem:4096']],
  );
  assert.equal(cluster.books.slaves.values().next().value?.info.resources, {
    cpus: 2,
    mem: 4096,
    'cpus(gold)': 2,
  });
});

test('what makes no sense, is for another role or is not there is dropped, with the reason in the history', () => {
  const { cluster, gold, total, dropped } = started();
  gold.accept(gold.offer(), [
    { type: 'RESERVE', resources: {} },
    { type: 'RESERVE', resources: { cpus: 1 } },
    reserve('cpus(silver):1'),
    reserve('cpus(gold):5'),
    reserve('gpus(gold):1'),
    unreserve('cpus(gold):1'),
  ]);
  cluster.pass(10);
  assert.equal(dropped(), [
    ['RESERVE', 'It names no resources'],
    ['RESERVE', "It does not say for which role 'cpus' is reserved"],
    ['RESERVE', "'cpus(silver)' is for another role than that of the framework, 'gold'"],
    ['RESERVE', 'cpus:5 is more than what is left of the offers, cpus:4;mem:4096'],
    ['RESERVE', 'gpus:1 is more than what is left of the offers, cpus:4;mem:4096'],
    ['UNRESERVE', 'cpus(gold):1 is more than what is left of the offers, cpus:4;mem:4096'],
  ]);
  assert.equal(total(), { cpus: 4, mem: 4096 });
  assert.equal(cluster.seen('slave-reserved'), []);
});

test('a framework of the role * can reserve nothing', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = scriptedFramework(cluster, 'plain');
  cluster.pass(100);
  framework.accept(framework.offer(), [reserve('cpus(gold):1')]);
  cluster.pass(10);
  assert.match(cluster.seen('operation-dropped')[0]?.reason ?? '', /than that of the framework, '\*'$/);
});

test('on void offers nothing is done: operations are dropped, tasks are lost, the offers that there are come back', () => {
  const { cluster, gold, total, dropped } = started();
  const offer = gold.offer();
  const operations = [reserve('cpus(gold):2'), launching(task(offer, 't1', 1, 'cpus(gold):1'))];
  const offerIds = [offer.id, 'no-such-offer'];
  gold.call({ type: 'ACCEPT', offerIds, operations, filters: {} });
  cluster.pass(10);
  assert.equal(dropped(), [['RESERVE', 'The offers are void, or do not go together']]);
  assert.equal(gold.states('t1'), ['TASK_LOST']);
  assert.equal(total(), { cpus: 4, mem: 4096 });
  assert.is(cluster.books.allocation.held(gold.frameworkId()).cpus ?? 0, 0);
});

test('what is left is refused, but not what was reserved of it: that is news', () => {
  const { cluster, gold, other } = started();
  gold.accept(gold.offer(), [reserve('cpus(gold):2')], 3600);
  cluster.pass(10_000);
  assert.equal(other.offers()[0]?.resources, { cpus: 2, mem: 4096 });
  assert.equal(gold.offers()[1]?.resources, { 'cpus(gold)': 2 });
});

test('what is set aside for short tasks cannot be reserved', () => {
  const shortTasks = { reserve: { cpus: 1 }, maxTaskDurationMs: 1000 };
  const { cluster, gold, dropped } = started('cpus:4;mem:4096', { shortTasks });
  const short = gold.offers().find(({ maxTaskDurationMs }) => maxTaskDurationMs !== undefined);
  if (short === undefined) return assert.unreachable();
  gold.accept(short, [reserve('cpus(gold):1')]);
  cluster.pass(10);
  assert.equal(dropped(), [['RESERVE', 'What is set aside for short tasks cannot be reserved']]);
});

test('a slave has no more names than it could tell of', () => {
  const others = Array.from({ length: 62 }, (_, n) => `r${n}:2`);
  const { cluster, gold, dropped } = started(['cpus:4', ...others].join(';'));
  gold.accept(gold.offer(), [reserve('r0(gold):1'), reserve('r1(gold):1'), reserve('r2(gold):2')]);
  cluster.pass(10);
  assert.equal(dropped(), [['RESERVE', 'The slave would have more than 64 resources of different names']]);
});

test('the slave hears of a reservation before it hears of a task that runs on it, and once of several', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  const gold = scriptedFramework(cluster, 'gold', GOLD);
  cluster.pass(100);
  const offer = gold.offer();
  gold.accept(offer, [
    reserve('cpus(gold):1'),
    reserve('mem(gold):512'),
    launching(task(offer, 't1', 1, 'cpus(gold):1;mem(gold):512'), task(offer, 't2', 1, 'cpus:1')),
    reserve('cpus(gold):2'),
  ]);
  cluster.pass(10);
  const orders = slave.received.flatMap((order): readonly unknown[] => {
    if (order.type === 'CHECKPOINT_RESOURCES') return [order.resources];
    return order.type === 'RUN_TASK' ? [order.task.taskId] : [];
  });
  assert.equal(orders, [
    { cpus: 3, mem: 3584, 'cpus(gold)': 1, 'mem(gold)': 512 },
    't1',
    't2',
    { cpus: 1, mem: 3584, 'cpus(gold)': 3, 'mem(gold)': 512 },
  ]);
});

test('a task on a statically reserved part of a slave may mix it with the rest', () => {
  const { cluster, gold } = started('cpus(gold):2;cpus:2;mem:4096');
  const offer = gold.offer();
  assert.equal(offer.resources, { 'cpus(gold)': 2, cpus: 2, mem: 4096 });
  gold.accept(offer, [
    launching(task(offer, 't1', 1e6, 'cpus(gold):2;cpus:1'), task(offer, 't2', 1, 'cpus:2')),
  ]);
  cluster.pass(500);
  assert.equal([gold.states('t1'), gold.states('t2')], [['TASK_RUNNING'], ['TASK_ERROR']]);
});

test('whatever is asked for, nothing is lost and nothing made: of the sums, of the offers, of what the slave keeps', () => {
  const amount = fc.integer({ min: 1, max: 8 }).map((n) => n / 2);
  const step = fc.record({
    type: fc.constantFrom('RESERVE', 'UNRESERVE', 'LAUNCH'),
    resources: fc.record(
      { cpus: amount, mem: amount.map((n) => n * 256), 'cpus(gold)': amount, 'mem(gold)': amount },
      { requiredKeys: [], noNullPrototype: true },
    ),
  });
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), (replies) => {
      const { cluster, gold, total } = started('cpus:4;mem:4096;cpus(gold):2');
      let made = 0;
      for (const steps of replies) {
        const [offer] = cluster.books.frameworks.get(gold.frameworkId())?.offers.values() ?? [];
        if (offer === undefined) continue;
        const shown = gold.offers().find(({ id }) => id === offer.id) as Offer;
        const operations = steps.map(({ type, resources }): Operation => {
          if (type !== 'LAUNCH') return { type, resources } as Operation;
          return launching({ ...task(shown, `t${made++}`, 50, 'cpus:1'), resources });
        });
        gold.accept(shown, operations);
        cluster.pass(1000);
        assert.equal(unreserved(total()), { cpus: 6, mem: 4096 });
      }
      cluster.pass(60_000);
      const [slave] = cluster.books.slaves.values();
      // All that is not refused is with those who do not answer.
      const offered = sum([...(slave?.offers.values() ?? [])].map(({ resources }) => resources));
      assert.ok(isEqual(offered, total()), `${format(offered)} of ${format(total())}`);
      const before = total();
      cluster.restartMaster();
      cluster.pass(10_000);
      assert.ok(isEqual(total(), before));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
