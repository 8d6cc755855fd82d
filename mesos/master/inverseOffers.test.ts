import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import { MASTER, sleepTask, type TestCluster, testCluster } from '../testCluster.ts';

const NODE1 = { hostname: 'node1' };
const NODE2 = { hostname: 'node2' };
const SOON = { startMs: 3_600_000, durationMs: 60_000 };
const LATER = { startMs: 7_200_000 };

type Call = SchedulerCall extends infer C
  ? C extends { frameworkId: string }
    ? Omit<C, 'frameworkId'>
    : never
  : never;

/** A framework that says only what the test says. */
function scriptedFramework({ virtual }: TestCluster, name: string) {
  const received: SchedulerEvent[] = [];
  let send = (_: SchedulerCall): void => {};
  const start = (id?: string): void => {
    virtual.process(`10.0.2.${name}:0`).spawn<SchedulerEvent>('scheduler', {
      inbox: SCHEDULER_INBOX,
      create: (context) => {
        send = (call) => context.send(MASTER, call);
        return {
          receive(event) {
            received.push(event);
            if (event.type !== 'UPDATE' || event.status.uuid === undefined) return;
            const { slaveId = '', taskId, uuid } = event.status;
            send({ type: 'ACKNOWLEDGE', frameworkId: frameworkId(), slaveId, taskId, uuid });
          },
        };
      },
    });
    const frameworkInfo = { user: 'test', name, failoverTimeout: 3600, ...(id !== undefined && { id }) };
    send({ type: 'SUBSCRIBE', frameworkInfo });
  };
  start();
  const of = <T extends SchedulerEvent['type']>(type: T) =>
    received.filter((event): event is SchedulerEvent & { type: T } => event.type === type);
  const frameworkId = (): string => of('SUBSCRIBED')[0]?.frameworkId ?? '';
  return {
    of,
    frameworkId,
    restart: () => start(frameworkId()),
    call: (call: Call) => send({ ...call, frameworkId: frameworkId() } as SchedulerCall),
    /** Launches a task on the latest offer of a slave. */
    launch(hostname: string, taskId: string, ms = 600_000) {
      const offer = of('OFFERS')
        .flatMap(({ offers }) => offers)
        .findLast((one) => one.hostname === hostname);
      if (offer === undefined) throw new Error(`${hostname} was not offered`);
      const operations = [{ type: 'LAUNCH' as const, taskInfos: [sleepTask(offer, taskId, ms)] }];
      this.call({ type: 'ACCEPT', offerIds: [offer.id], operations, filters: { refuseSeconds: 0 } });
    },
    /** Of all inverse offers that came: which hosts, when. */
    asked: () => of('INVERSE_OFFERS').flatMap(({ inverseOffers }) => inverseOffers),
    rescinded: () => of('RESCIND_INVERSE_OFFER').map(({ inverseOfferId }) => inverseOfferId),
  };
}

const schedule = (cluster: TestCluster, machines: readonly object[], unavailability: typeof LATER = SOON) =>
  cluster.operate({
    type: 'UPDATE_MAINTENANCE_SCHEDULE',
    windows: machines.length > 0 ? [{ machines, unavailability }] : [],
  });

/** Two slaves; a framework with a task on the first. */
function started() {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.addSlave(2);
  const framework = scriptedFramework(cluster, 'app');
  cluster.pass(100);
  framework.launch('node1', 't1');
  cluster.pass(500);
  const statuses = () =>
    [...cluster.reign.operator.inverseOffers.statuses()].map(({ machine, answer }) => [
      machine.hostname,
      answer,
    ]);
  return { cluster, framework, statuses };
}

test('who uses a slave whose machine is to be worked on is asked to leave it, once; others are not', () => {
  const { cluster, framework, statuses } = started();
  const idle = scriptedFramework(cluster, 'idle');
  cluster.pass(100);
  schedule(cluster, [NODE1, NODE2]);
  cluster.pass(60_000);
  const [inverseOffer, ...more] = framework.asked();
  assert.equal(more, []);
  const slave = cluster.books.slaves.get(inverseOffer?.slaveId ?? '');
  assert.equal([slave?.info.hostname, inverseOffer?.unavailability], ['node1', SOON]);
  assert.is(inverseOffer?.frameworkId, framework.frameworkId());
  assert.equal(idle.asked(), []);
  assert.equal(statuses(), [['node1', 'unknown']]);
});

test('a framework that launches on such a slave is asked then', () => {
  const { cluster, framework, statuses } = started();
  schedule(cluster, [NODE2]);
  cluster.pass(100);
  assert.equal(framework.asked(), []);
  framework.launch('node2', 't2');
  cluster.pass(100);
  assert.is(framework.asked().length, 1);
  assert.equal(statuses(), [['node2', 'unknown']]);
});

test('who accepts is not asked again; who declines is, when the refusal is over', () => {
  for (const type of ['ACCEPT_INVERSE_OFFERS', 'DECLINE_INVERSE_OFFERS'] as const) {
    const { cluster, framework, statuses } = started();
    schedule(cluster, [NODE1]);
    cluster.pass(100);
    const inverseOfferIds = framework.asked().map(({ id }) => id);
    framework.call(
      type === 'ACCEPT_INVERSE_OFFERS'
        ? { type, inverseOfferIds: [...inverseOfferIds, 'unknown'] }
        : { type, inverseOfferIds, filters: { refuseSeconds: 30 } },
    );
    cluster.pass(29_000);
    assert.is(framework.asked().length, 1);
    assert.equal(statuses(), [['node1', type === 'ACCEPT_INVERSE_OFFERS' ? 'accept' : 'decline']]);
    cluster.pass(2000);
    assert.is(framework.asked().length, type === 'ACCEPT_INVERSE_OFFERS' ? 1 : 2);
    assert.equal(framework.rescinded(), []);
  }
});

test('nobody answers for another', () => {
  const { cluster, framework, statuses } = started();
  const other = scriptedFramework(cluster, 'other');
  cluster.pass(100);
  schedule(cluster, [NODE1]);
  cluster.pass(100);
  other.call({ type: 'ACCEPT_INVERSE_OFFERS', inverseOfferIds: framework.asked().map(({ id }) => id) });
  cluster.pass(100);
  assert.equal(statuses(), [['node1', 'unknown']]);
});

test('another time is another question; the former is rescinded, and so it is when there is none any more', () => {
  const { cluster, framework } = started();
  schedule(cluster, [NODE1]);
  cluster.pass(100);
  schedule(cluster, [NODE1], LATER);
  cluster.pass(100);
  assert.equal(
    framework.asked().map(({ unavailability }) => unavailability),
    [SOON, LATER],
  );
  schedule(cluster, []);
  cluster.pass(100);
  assert.equal(
    framework.rescinded(),
    framework.asked().map(({ id }) => id),
  );
});

test('who has left the slave is not asked any more', () => {
  const { cluster, framework, statuses } = started();
  schedule(cluster, [NODE1]);
  cluster.pass(100);
  framework.call({ type: 'SHUTDOWN', executorId: 'sleeper', slaveId: framework.asked()[0]?.slaveId ?? '' });
  cluster.pass(10_000);
  assert.is(framework.rescinded().length, 1);
  assert.equal(statuses(), []);
});

test('another scheduler of the framework is asked anew', () => {
  const { cluster, framework, statuses } = started();
  schedule(cluster, [NODE1]);
  cluster.pass(100);
  framework.call({ type: 'ACCEPT_INVERSE_OFFERS', inverseOfferIds: framework.asked().map(({ id }) => id) });
  cluster.pass(100);
  cluster.virtual.crash('10.0.2.app:0');
  cluster.pass(100);
  assert.equal(statuses(), []);
  framework.restart();
  cluster.pass(100);
  assert.is(framework.asked().length, 2);
  assert.equal(statuses(), [['node1', 'unknown']]);
});

test('a machine that goes down takes its questions with it', () => {
  const { cluster, framework, statuses } = started();
  schedule(cluster, [NODE1]);
  cluster.pass(100);
  cluster.operate({ type: 'START_MAINTENANCE', machines: [NODE1] });
  cluster.pass(100);
  assert.is(framework.rescinded().length, 1);
  assert.equal(statuses(), []);
});

test.run();
