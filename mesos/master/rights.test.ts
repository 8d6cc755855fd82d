import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { scriptedSlave, testCluster } from '../testCluster.ts';
import { actionObjection, RightsSchema } from './rights.ts';

const RIGHTS = { roles: { prod: ['alice'], open: 'anyone' }, slaves: ['machines'] } as const;

test('a role that there is not, or that is not for this principal, is refused; one for anyone is not', () => {
  const cluster = testCluster({ rights: RIGHTS });
  const subscribe = (name: string, role: string, principal?: string): readonly string[] => {
    const script = cluster.addFramework(name, { role, ...(principal !== undefined && { principal }) });
    cluster.pass(50);
    return script.events;
  };
  assert.equal(subscribe('a', 'none'), ["error: There is no role 'none'"]);
  assert.equal(subscribe('b', 'constructor'), ["error: There is no role 'constructor'"]);
  assert.equal(subscribe('c', 'prod', 'bob'), ["error: Principal 'bob' may not use the role 'prod'"]);
  assert.equal(subscribe('d', 'prod'), ["error: Who has not authenticated may not use the role 'prod'"]);
  assert.equal(subscribe('e', 'prod', 'alice'), ['registered 0000']);
  assert.equal(subscribe('f', 'open'), ['registered 0001']);
});

test('nobody takes the place of a scheduler that authenticated as somebody else', () => {
  const cluster = testCluster();
  const first = cluster.addFramework('first', { principal: 'alice' });
  cluster.pass(50);
  const id = cluster.seen('framework-registered')[0]?.frameworkId ?? '';
  for (const [name, principal] of [
    ['nobody', undefined],
    ['bob', 'bob'],
  ] as const) {
    const thief = cluster.addFramework(name, { id, ...(principal !== undefined && { principal }) });
    cluster.pass(50);
    assert.equal(thief.events, ['error: Framework belongs to another principal']);
  }
  assert.equal(first.events, ['registered 0000']);
});

test('only those who may are slaves', () => {
  const cluster = testCluster({ rights: RIGHTS });
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(50);
  assert.equal(slave.received, [
    { type: 'SHUTDOWN_SLAVE', message: 'Who has not authenticated may not register slaves' },
  ]);
  assert.equal(cluster.seen('slave-registered'), []);
});

test('nobody takes the place of a slave that authenticated as somebody else', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster, '10.0.1.1:5051', 'machines');
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(50);
  const [registered] = cluster.seen('slave-registered');
  const thief = scriptedSlave(cluster, '10.0.1.2:5051', 'bob');
  thief.send({
    type: 'REREGISTER_SLAVE',
    slaveInfo: { ...slave.info, id: registered?.slaveId ?? '' },
    frameworks: [],
    executors: [],
    tasks: [],
  });
  cluster.pass(50);
  const message = `Slave ${registered?.slaveId} belongs to another principal`;
  assert.equal(thief.received, [{ type: 'SHUTDOWN_SLAVE', message }]);
});

test('the rights of operators are given for all that they do, and for single actions', () => {
  const rights = { operators: ['admin'], actions: { TEARDOWN: 'anyone', UPDATE_WEIGHTS: [] } };
  assert.equal(v.parse(RightsSchema, rights), rights);
  const may = (action: 'TEARDOWN' | 'UPDATE_WEIGHTS' | 'DRAIN_SLAVE', principal?: string): boolean =>
    actionObjection(v.parse(RightsSchema, rights), action, principal) === undefined;
  assert.equal([may('TEARDOWN'), may('UPDATE_WEIGHTS', 'admin')], [true, false]);
  assert.equal(
    [may('DRAIN_SLAVE', 'admin'), may('DRAIN_SLAVE', 'bob'), may('DRAIN_SLAVE')],
    [true, false, false],
  );
  assert.ok(actionObjection({}, 'TEARDOWN', undefined) === undefined);
  assert.not(v.is(RightsSchema, { actions: { DESTROY: 'anyone' } }));
});

test.run();
