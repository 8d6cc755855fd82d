import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fair } from '../allocation/fair.ts';
import type { CandidateEvents, Election } from '../election/election.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import {
  firstOffer,
  type Script,
  scriptedSlave,
  sleepTask,
  type TestCluster,
  testCluster,
} from '../testCluster.ts';
import { master } from './master.ts';
import { MASTER_DEFAULTS } from './options.ts';
import { memoryRegistry, type Registry } from './registry.ts';

const DONE = { is: 'done' };

/** A cluster of one slave, and a framework with a task on it that sleeps for a minute. */
function busyCluster(
  options: Parameters<typeof testCluster>[0] = {},
  capabilities: readonly 'PARTITION_AWARE'[] = ['PARTITION_AWARE'],
): {
  readonly cluster: TestCluster;
  readonly framework: Script;
  readonly slaveId: string;
  readonly id: string;
} {
  const cluster = testCluster(options);
  cluster.addSlave(1);
  const framework = cluster.addFramework('app', { failoverTimeout: 3600, capabilities });
  cluster.pass(100);
  launch(framework, 't1', 60_000);
  cluster.pass(500);
  const { slaveId, frameworkId } = firstOffer(framework);
  return { cluster, framework, slaveId, id: frameworkId };
}

function launch(framework: Script, taskId: string, ms: number): void {
  const offer = framework.offers.at(-1);
  if (offer === undefined) throw new Error('nothing has been offered');
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, taskId, ms)], { refuseSeconds: 0 });
}

const lastState = ({ statuses }: Script): string | undefined => statuses.at(-1)?.state;
const offersOf = (cluster: TestCluster, slaveId: string): number =>
  cluster.seen('offer-sent').filter((line) => line.slaveId === slaveId).length;

test('a framework that is torn down ends with all that it runs, and may not come back', () => {
  const { cluster, framework, id } = busyCluster();
  assert.equal(cluster.operate({ type: 'TEARDOWN', frameworkId: id }, 'admin'), DONE);
  cluster.pass(100);
  assert.equal(framework.events.at(-1), 'error: Framework has been removed');
  assert.is(cluster.books.frameworks.size, 0);
  assert.is(cluster.seen('executor-exited').length, 1);
  const back = cluster.addFramework('back', { id });
  cluster.pass(100);
  assert.equal(back.events, ['error: Framework has been removed']);
  assert.equal(cluster.operate({ type: 'TEARDOWN', frameworkId: id }), {
    is: 'refused',
    why: 'unknown',
    message: 'No framework found with specified ID',
  });
});

test('who did what to whom is in the history, also what was refused', () => {
  const { cluster, id } = busyCluster();
  cluster.operate({ type: 'TEARDOWN', frameworkId: 'none' });
  cluster.operate({ type: 'TEARDOWN', frameworkId: id }, 'admin');
  const told = cluster.history.flatMap((line) =>
    line.event === 'operator-acted' || line.event === 'operator-refused'
      ? [[line.event, line.action, line.subject, line.principal, 'reason' in line ? line.reason : '']]
      : [],
  );
  assert.equal(told, [
    ['operator-refused', 'TEARDOWN', 'none', undefined, 'No framework found with specified ID'],
    ['operator-acted', 'TEARDOWN', id, 'admin', ''],
  ]);
});

test('only those who may act as operators; single actions have their own', () => {
  const cluster = testCluster({
    rights: { operators: ['admin'], actions: { UPDATE_WEIGHTS: ['admin', 'carol'] } },
  });
  const why = (principal: string | undefined, type: 'TEARDOWN' | 'UPDATE_WEIGHTS'): unknown => {
    const outcome = cluster.operate(
      type === 'TEARDOWN' ? { type, frameworkId: 'x' } : { type, weights: [] },
      principal,
    );
    return outcome.is === 'refused' ? [outcome.why, outcome.message] : outcome.is;
  };
  assert.equal(why('admin', 'TEARDOWN'), ['unknown', 'No framework found with specified ID']);
  assert.equal(why('carol', 'TEARDOWN'), ['forbidden', "Principal 'carol' may not TEARDOWN"]);
  assert.equal(why(undefined, 'TEARDOWN'), ['forbidden', 'Who has not authenticated may not TEARDOWN']);
  assert.is(why('carol', 'UPDATE_WEIGHTS'), 'done');
  assert.equal(why('bob', 'UPDATE_WEIGHTS'), ['forbidden', "Principal 'bob' may not UPDATE_WEIGHTS"]);
});

test('what is malformed is refused with what is wrong', () => {
  const cluster = testCluster();
  for (const [action, expected] of [
    [{ type: 'TEARDOWN', frameworkId: 'a/b' }, /^TEARDOWN: frameworkId illegal id: /],
    [
      { type: 'UPDATE_WEIGHTS', weights: [{ role: 'a', weight: 0 }] },
      /^UPDATE_WEIGHTS: weights.0.weight .*>0/,
    ],
    [{ type: 'START_MAINTENANCE', machines: [{}] }, /machines.0 a machine needs a hostname or an ip/],
    [{ type: 'START_MAINTENANCE', machines: [{ ip: 'here' }] }, /machines.0.ip an IP address is expected/],
  ] as const) {
    const outcome = cluster.operate(action);
    assert.is(outcome.is === 'refused' && outcome.why, 'invalid');
    assert.match(outcome.is === 'refused' ? outcome.message : '', expected);
  }
});

// --- gone ---

test('a slave that is marked gone ends all that it runs; it may come back only as another', () => {
  const { cluster, framework, slaveId } = busyCluster();
  assert.equal(cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId }), DONE);
  cluster.pass(100);
  assert.is(lastState(framework), 'TASK_GONE_BY_OPERATOR');
  assert.is(framework.statuses.at(-1)?.reason, 'REASON_SLAVE_REMOVED_BY_OPERATOR');
  assert.ok(framework.events.includes('slave lost'));
  assert.not(cluster.books.slaves.has(slaveId));
  cluster.pass(10_000);
  assert.is(cluster.seen('slave-registered').length, 2);
  assert.is.not(cluster.seen('slave-registered')[1]?.slaveId, slaveId);
  assert.equal(cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId }), DONE);
  assert.is(cluster.seen('slave-lost').length, 1);
  framework.driver.reconcileTasks([{ taskId: 't1', slaveId }]);
  cluster.pass(100);
  assert.is(lastState(framework), 'TASK_GONE_BY_OPERATOR');
});

test('frameworks that know no partitions are told that the tasks of a slave marked gone are lost', () => {
  const { cluster, framework, slaveId } = busyCluster({}, []);
  cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId });
  cluster.pass(100);
  assert.is(lastState(framework), 'TASK_LOST');
});

test('a slave that is marked gone while it is out of reach is not let in when it comes back', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(100);
  const slaveId = cluster.seen('slave-registered')[0]?.slaveId ?? '';
  cluster.pass(15_000 * 7);
  assert.is(cluster.books.goneOf(slaveId), 'unreachable');
  assert.equal(cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId }), DONE);
  slave.send({
    type: 'REREGISTER_SLAVE',
    slaveInfo: { ...slave.info, id: slaveId },
    frameworks: [],
    executors: [],
    tasks: [],
  });
  cluster.pass(100);
  const message = `Slave ${slaveId} is gone: an operator said so`;
  assert.equal(slave.received.at(-1), { type: 'SHUTDOWN_SLAVE', message, slaveId });
  assert.is(cluster.seen('slave-registered').length, 1);
});

test('a slave that nobody knows is neither marked gone, nor drained, nor deactivated', () => {
  const cluster = testCluster();
  for (const action of [
    { type: 'MARK_SLAVE_GONE', slaveId: 'x' },
    { type: 'DEACTIVATE_SLAVE', slaveId: 'x' },
    { type: 'REACTIVATE_SLAVE', slaveId: 'x' },
    { type: 'DRAIN_SLAVE', slaveId: 'x', markGone: false },
  ] as const)
    assert.equal(cluster.operate(action), {
      is: 'refused',
      why: 'unknown',
      message: 'No slave found with the id x',
    });
});

test('of a slave that is gone nothing else can be ordered', () => {
  const { cluster, slaveId } = busyCluster();
  cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId });
  const outcome = cluster.operate({ type: 'REACTIVATE_SLAVE', slaveId });
  assert.is(outcome.is === 'refused' && outcome.why, 'conflict');
});

// --- deactivated ---

test('a slave that is deactivated is not offered, and what runs there runs on, until it is reactivated', () => {
  const { cluster, framework, slaveId } = busyCluster();
  const before = offersOf(cluster, slaveId);
  assert.equal(cluster.operate({ type: 'DEACTIVATE_SLAVE', slaveId }), DONE);
  cluster.pass(70_000);
  assert.is(framework.events.filter((event) => event === 'rescinded').length, 1);
  assert.is(lastState(framework), 'TASK_FINISHED');
  assert.is(offersOf(cluster, slaveId), before);
  assert.equal(cluster.operate({ type: 'REACTIVATE_SLAVE', slaveId }), DONE);
  cluster.pass(100);
  assert.is(offersOf(cluster, slaveId), before + 1);
  assert.equal(framework.offers.at(-1)?.resources, { cpus: 4, mem: 4096 });
});

test('a deactivated slave stays so when its link breaks, and when it misses pings and answers again', () => {
  const { cluster, slaveId } = busyCluster();
  cluster.operate({ type: 'DEACTIVATE_SLAVE', slaveId });
  const before = offersOf(cluster, slaveId);
  cluster.virtual.breakLink('10.0.0.1:5050', '10.0.1.1:5051');
  cluster.pass(20_000);
  cluster.virtual.pause('10.0.1.1:5051');
  cluster.pass(80_000);
  cluster.virtual.resume('10.0.1.1:5051');
  cluster.pass(20_000);
  assert.is(offersOf(cluster, slaveId), before);
});

// --- drained ---

test('a slave that is drained ends its tasks, and is drained when their ends are acknowledged', () => {
  const { cluster, framework, slaveId } = busyCluster();
  const before = offersOf(cluster, slaveId);
  assert.equal(cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false }), DONE);
  assert.is(cluster.seen('slave-drained').length, 0);
  cluster.pass(100);
  assert.is(lastState(framework), 'TASK_KILLED');
  assert.is(framework.statuses.at(-1)?.reason, 'REASON_SLAVE_DRAINING');
  assert.equal(
    cluster.seen('slave-drained').map((line) => line.slaveId),
    [slaveId],
  );
  cluster.pass(60_000);
  assert.is(offersOf(cluster, slaveId), before);
  assert.ok(cluster.books.slaves.has(slaveId));
  cluster.operate({ type: 'REACTIVATE_SLAVE', slaveId });
  cluster.pass(100);
  assert.is(offersOf(cluster, slaveId), before + 1);
  launch(framework, 't2', 10);
  cluster.pass(1000);
  assert.is(lastState(framework), 'TASK_FINISHED');
});

test('a slave whose tasks have ended is not drained before their framework has heard of it', () => {
  const { cluster, framework, slaveId } = busyCluster();
  cluster.virtual.pause('10.0.2.app:0');
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.pass(5000);
  assert.is(cluster.seen('slave-drained').length, 0);
  assert.is(cluster.seen('task-updated').at(-1)?.state, 'TASK_GONE_BY_OPERATOR');
  cluster.virtual.resume('10.0.2.app:0');
  cluster.pass(20_000);
  assert.is(cluster.seen('slave-drained').length, 1);
  assert.is(lastState(framework), 'TASK_GONE_BY_OPERATOR');
  assert.is(framework.statuses.at(-1)?.reason, 'REASON_SLAVE_DRAINING');
});

test('an empty slave is drained at once; one that is to be gone then is', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.pass(100);
  const slaveId = cluster.seen('slave-registered')[0]?.slaveId ?? '';
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false });
  cluster.pass(1);
  assert.is(cluster.seen('slave-drained').length, 1);
  assert.ok(cluster.books.slaves.has(slaveId));
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.pass(1);
  assert.is(cluster.seen('slave-drained').length, 2);
  assert.is(cluster.books.goneOf(slaveId), 'gone-by-operator');
});

test('the slave is told how long a task may take at most, also if it was told to end it before', () => {
  const cluster = testCluster();
  const framework = cluster.addFramework('app');
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(100);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't1', 10)]);
  cluster.pass(10);
  framework.driver.killTask('t1');
  cluster.pass(10);
  const { slaveId, frameworkId } = offer;
  const kills = () => slave.received.filter(({ type }) => type === 'KILL_TASK');
  const kill = { type: 'KILL_TASK', frameworkId, taskId: 't1' };
  assert.equal(kills(), [kill]);
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false });
  cluster.pass(10);
  assert.equal(kills(), [kill]);
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false, maxGraceMs: 2000 });
  cluster.pass(10);
  assert.equal(kills(), [kill, { ...kill, gracePeriodMaxMs: 2000 }]);
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false, maxGraceMs: 3000 });
  cluster.pass(10);
  assert.is(kills().length, 2);
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true, maxGraceMs: 3000 });
  cluster.pass(10);
  assert.equal(kills()[2], { ...kill, gracePeriodMaxMs: 2000, state: 'TASK_LOST' });
});

test('a drain goes on when the master is another, and ends in marking the slave gone', () => {
  const registry = memoryRegistry();
  const { cluster, framework, slaveId } = busyCluster({ registry });
  cluster.virtual.breakLink('10.0.0.1:5050', '10.0.1.1:5051');
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.restartMaster();
  cluster.pass(30_000);
  assert.is(framework.statuses.at(-1)?.state, 'TASK_GONE_BY_OPERATOR');
  assert.is(framework.statuses.at(-1)?.reason, 'REASON_SLAVE_DRAINING');
  assert.is(cluster.books.goneOf(slaveId), 'gone-by-operator');
  assert.equal(registry.load().slaves, new Map([[slaveId, { is: 'gone' }]]));
});

// --- what outlives a master ---

test('what was ordered of slaves holds under the next master', () => {
  const registry = memoryRegistry();
  const { cluster, slaveId } = busyCluster({ registry });
  cluster.addSlave(2);
  cluster.pass(100);
  const gone = cluster.seen('slave-registered')[1]?.slaveId ?? '';
  cluster.operate({ type: 'DEACTIVATE_SLAVE', slaveId });
  cluster.virtual.pause('10.0.1.2:5051');
  cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId: gone });
  cluster.restartMaster();
  const before = offersOf(cluster, slaveId);
  cluster.virtual.resume('10.0.1.2:5051');
  cluster.pass(30_000);
  assert.is(offersOf(cluster, slaveId), before);
  assert.ok(cluster.books.slaves.has(slaveId));
  assert.is(cluster.seen('slave-registered').filter((line) => line.slaveId === gone).length, 1);
});

test('what cannot be kept is not done', () => {
  const registry: Registry = {
    ...memoryRegistry(),
    store() {
      throw new Error('the disk is full');
    },
  };
  const { cluster, slaveId } = busyCluster({ registry });
  assert.equal(cluster.operate({ type: 'DEACTIVATE_SLAVE', slaveId }), {
    is: 'refused',
    why: 'not-kept',
    message: 'the disk is full',
  });
  assert.is(cluster.books.directives.slaves.size, 0);
});

test('a slave that is drained is marked gone as soon as that can be kept', () => {
  const kept = memoryRegistry();
  let stores = 0;
  const registry: Registry = {
    load: kept.load,
    store(directives) {
      if (++stores === 2) throw new Error('the disk is full');
      kept.store(directives);
    },
  };
  const { cluster, slaveId } = busyCluster({ registry });
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.pass(1000);
  assert.ok(cluster.books.slaves.has(slaveId));
  cluster.pass(10_000);
  assert.not(cluster.books.slaves.has(slaveId));
});

test('a master that cannot read what was ordered does not lead; one of several stands again', () => {
  const registry: Registry = {
    load() {
      throw new Error('the registry is damaged');
    },
    store() {},
  };
  assert.throws(() => testCluster({ registry }), /the registry is damaged/);

  const virtual = new VirtualCluster({ seed: 1, history: (line) => told.push(line.event) });
  const told: string[] = [];
  const stands: CandidateEvents[] = [];
  let withdrawn = 0;
  const election: Election = {
    follow: () => ({ stop() {} }),
    stand(_info, events) {
      stands.push(events);
      return { leads: () => true, withdraw: () => void withdrawn++ };
    },
  };
  const options = { ...MASTER_DEFAULTS, allocation: fair(), registry, election };
  virtual.process('10.0.0.1:5050').spawn('master', master(options));
  stands[0]?.elected();
  assert.equal([told, withdrawn], [['master-deposed'], 1]);
  virtual.run(() => false, 1000);
  assert.is(stands.length, 2);
});

test.run();
