import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, type Resources } from '../protocol/resources.ts';
import type { SlaveOptions } from '../slave/options.ts';
import { memoryCheckpoint } from '../slave/testSlave.ts';
import { testCluster } from '../testCluster.ts';
import { scriptedFramework } from './testFramework.ts';

const DONE = { is: 'done' };

/** A slave, and a framework that is offered it. */
function started(
  resources = 'cpus:4;mem:4096',
  options: Parameters<typeof testCluster>[0] = {},
  slave: Partial<SlaveOptions> = {},
) {
  const cluster = testCluster(options);
  cluster.addSlave(1, resources, slave);
  const plain = scriptedFramework(cluster, 'plain');
  cluster.pass(100);
  const { slaveId } = plain.offer();
  const operate =
    (type: 'RESERVE_RESOURCES' | 'UNRESERVE_RESOURCES') =>
    (text: string, id = slaveId, principal?: string) => {
      const outcome = cluster.operate({ type, slaveId: id, resources: parse(text) }, principal);
      cluster.pass(100);
      return outcome.is === 'refused' ? [outcome.why, outcome.message] : outcome;
    };
  const total = (): Resources => cluster.books.slaves.get(slaveId)?.info.resources ?? {};
  return {
    cluster,
    plain,
    slaveId,
    total,
    reserve: operate('RESERVE_RESOURCES'),
    unreserve: operate('UNRESERVE_RESOURCES'),
  };
}

test('an operator reserves what is offered: the offer is rescinded, and its role is offered what is reserved', () => {
  const { cluster, plain, reserve, unreserve, total, slaveId } = started();
  const gold = scriptedFramework(cluster, 'gold', { role: 'gold' });
  assert.equal(reserve('cpus(gold):3'), DONE);
  assert.equal(total(), { cpus: 1, mem: 4096, 'cpus(gold)': 3 });
  assert.is(plain.of('RESCIND').length, 1);
  assert.equal([gold.offered(), plain.offered()], [[{ 'cpus(gold)': 3 }], [{ cpus: 1, mem: 4096 }]]);
  assert.equal(unreserve('cpus(gold):2'), DONE);
  assert.equal(total(), { cpus: 3, mem: 4096, 'cpus(gold)': 1 });
  assert.equal(
    cluster.seen('operator-acted').map(({ action, subject }) => [action, subject]),
    [
      ['RESERVE_RESOURCES', `${slaveId} cpus(gold):3`],
      ['UNRESERVE_RESOURCES', `${slaveId} cpus(gold):2`],
    ],
  );
});

test('only offers that have something of it are rescinded', () => {
  const { cluster, plain, reserve } = started('cpus(gold):2;cpus:2;mem:1024');
  const gold = scriptedFramework(cluster, 'gold', { role: 'gold' });
  cluster.pass(100);
  assert.equal(gold.offered(), [{ 'cpus(gold)': 2 }]);
  assert.equal(reserve('mem(gold):512'), DONE);
  assert.equal([plain.of('RESCIND').length, gold.of('RESCIND').length], [1, 0]);
});

test('what is in use, or is not there, cannot be reserved, and no offer is rescinded for it', () => {
  const { cluster, plain, reserve, unreserve, total } = started();
  plain.launch('node1', 't1');
  cluster.pass(500);
  const before = plain.offers().length;
  const [why, message] = reserve('cpus(gold):4') as string[];
  assert.equal(
    [why, message?.replace(/slave \S+/i, 'slave S')],
    ['conflict', 'slave S does not have cpus:4 that is not in use; it has cpus:4;mem:4096 in all'],
  );
  assert.is((unreserve('cpus(gold):1') as string[])[0], 'conflict');
  assert.is((reserve('gpus(gold):1') as string[])[0], 'conflict');
  assert.equal(total(), { cpus: 4, mem: 4096 });
  assert.equal([plain.of('RESCIND').length, plain.offers().length], [0, before]);
  assert.equal(reserve('cpus(gold):3'), DONE);
});

test('what makes no sense is refused, and a slave that there is not', () => {
  const { reserve, slaveId } = started();
  assert.equal(reserve('cpus:1'), ['invalid', "It does not say for which role 'cpus' is reserved"]);
  assert.equal(reserve('cpus(gold):1', 'nobody'), ['unknown', 'No slave found with the id nobody']);
  assert.is((reserve('cpus(gold):1', slaveId) as { is: string }).is, 'done');
});

test('only who may does it, and only for roles that there are', () => {
  const rights = {
    actions: { RESERVE_RESOURCES: ['admin'] },
    roles: { '*': 'anyone', gold: 'anyone' },
  } as const;
  const { reserve, unreserve, slaveId } = started('cpus:4;mem:4096', { rights });
  assert.is((reserve('cpus(gold):1') as string[])[0], 'forbidden');
  assert.equal(reserve('cpus(tin):1', slaveId, 'admin'), ['invalid', "There is no role 'tin'"]);
  assert.equal(reserve('cpus(gold):1', slaveId, 'admin'), DONE);
  assert.equal(unreserve('cpus(gold):1'), DONE);
});

test('what is set aside for short tasks cannot be reserved', () => {
  const { reserve } = started('cpus:4;mem:4096', {
    shortTasks: { reserve: { cpus: 1 }, maxTaskDurationMs: 1000 },
  });
  assert.is((reserve('cpus(gold):4') as string[])[0], 'conflict');
  assert.equal(reserve('cpus(gold):3'), DONE);
});

test('a slave that is out of reach is told when it is back', () => {
  const { cluster, reserve, total } = started('cpus:4;mem:4096', {}, { checkpoint: memoryCheckpoint() });
  const partition = cluster.virtual.partition(['10.0.0.1:5050'], ['10.0.1.1:5051']);
  assert.equal(reserve('cpus(gold):3'), DONE);
  cluster.pass(60_000);
  partition.heal();
  cluster.pass(60_000);
  // Nobody else can tell a new master.
  cluster.restartMaster();
  cluster.pass(10_000);
  assert.equal(total(), { cpus: 1, mem: 4096, 'cpus(gold)': 3 });
});

test.run();
