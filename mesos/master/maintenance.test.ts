import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, sleepTask, type TestCluster, testCluster } from '../testCluster.ts';
import type { Outcome } from './actions.ts';
import { memoryRegistry } from './registry.ts';

const DONE = { is: 'done' };
const NODE1 = { hostname: 'node1', ip: '10.0.1.1' };
const NODE2 = { hostname: 'node2', ip: '10.0.1.2' };
const SOON = { startMs: 3_600_000, durationMs: 60_000 };
const why = (outcome: Outcome): unknown => (outcome.is === 'refused' ? outcome.message : outcome.is);

const schedule = (cluster: TestCluster, ...machines: { hostname?: string; ip?: string }[]): Outcome =>
  cluster.operate({
    type: 'UPDATE_MAINTENANCE_SCHEDULE',
    windows: machines.length > 0 ? [{ machines, unavailability: SOON }] : [],
  });

test('offers of machines that are to be worked on say when; those made before are rescinded', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.addSlave(2);
  const framework = cluster.addFramework('app');
  cluster.pass(100);
  assert.equal(
    framework.offers.map(({ unavailability }) => unavailability),
    [undefined, undefined],
  );
  assert.equal(schedule(cluster, NODE1), DONE);
  cluster.pass(100);
  assert.is(framework.events.filter((event) => event === 'rescinded').length, 1);
  assert.equal(framework.offers.map(({ hostname, unavailability }) => [hostname, unavailability]).slice(2), [
    ['node1', SOON],
  ]);
  assert.equal(schedule(cluster), DONE);
  cluster.pass(100);
  assert.equal(framework.offers[3]?.hostname, 'node1');
  assert.is(framework.offers[3]?.unavailability, undefined);
});

test('a machine is known by its hostname in any case, by its address, or by both', () => {
  for (const [machine, isMeant] of [
    [{ hostname: 'NODE1' }, true],
    [{ ip: '10.0.1.1' }, true],
    [{ hostname: 'Node1', ip: '10.0.1.1' }, true],
    [{ hostname: 'node1', ip: '10.0.1.2' }, false],
    [{ hostname: 'node2', ip: '10.0.1.1' }, false],
  ] as const) {
    const cluster = testCluster();
    cluster.addSlave(1);
    schedule(cluster, machine);
    const framework = cluster.addFramework('app');
    cluster.pass(100);
    assert.is(firstOffer(framework).unavailability !== undefined, isMeant, JSON.stringify(machine));
  }
});

test('a machine that is taken down loses its slaves and lets none in until it is up', () => {
  const registry = memoryRegistry();
  const cluster = testCluster({ registry });
  cluster.addSlave(1);
  cluster.addSlave(2);
  const framework = cluster.addFramework('app', { failoverTimeout: 600, capabilities: ['PARTITION_AWARE'] });
  cluster.pass(100);
  const offer = framework.offers.find(({ hostname }) => hostname === 'node1');
  if (offer === undefined) throw new Error('node1 was not offered');
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't1', 60_000)]);
  cluster.pass(100);
  schedule(cluster, NODE1);
  assert.equal(cluster.operate({ type: 'START_MAINTENANCE', machines: [NODE1] }), DONE);
  cluster.pass(100);
  assert.is(framework.statuses.at(-1)?.state, 'TASK_GONE');
  const hosts = () => [...cluster.books.slaves.values()].map(({ info }) => info.hostname);
  cluster.pass(60_000);
  assert.equal(hosts(), ['node2']);
  cluster.restartMaster();
  cluster.pass(60_000);
  assert.equal(hosts(), ['node2']);
  assert.equal(cluster.operate({ type: 'STOP_MAINTENANCE', machines: [NODE1] }), DONE);
  cluster.pass(10_000);
  assert.equal(hosts(), ['node2', 'node1']);
  assert.equal(cluster.books.directives.schedule, []);
  assert.is(framework.offers.at(-1)?.unavailability, undefined);
});

test('machines go down from the schedule, and come up from being down', () => {
  const cluster = testCluster();
  const start = (...machines: (typeof NODE1)[]) =>
    why(cluster.operate({ type: 'START_MAINTENANCE', machines }));
  const stop = (...machines: (typeof NODE1)[]) =>
    why(cluster.operate({ type: 'STOP_MAINTENANCE', machines }));
  assert.is(start(), 'No machines are named');
  assert.is(start(NODE1), 'Machine node1 (10.0.1.1) is not part of a maintenance schedule');
  assert.is(why(schedule(cluster, NODE1, NODE1)), 'Machine node1 (10.0.1.1) is named more than once');
  assert.is(why(schedule(cluster, NODE1, NODE2)), 'done');
  assert.is(start(NODE1, NODE1), 'Machine node1 (10.0.1.1) is named more than once');
  assert.is(stop(NODE1), 'Machine node1 (10.0.1.1) is not in DOWN mode and cannot be brought up');
  assert.is(start(NODE1), 'done');
  assert.is(start(NODE1), 'Machine node1 (10.0.1.1) is not in DRAINING mode and cannot be brought down');
  assert.is(
    why(schedule(cluster, NODE2)),
    'Machine node1 (10.0.1.1) is down; it cannot leave the schedule before it is up again',
  );
  assert.is(stop(NODE1), 'done');
  assert.equal(cluster.books.directives.schedule, [{ machines: [NODE2], unavailability: SOON }]);
});

test.run();
