import { type ClientRequest, request } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sleepTask } from '../../testCluster.ts';
import type { ContentType } from '../../v1/codec.ts';
import type * as entities from '../../v1/entities.ts';
import { fromJson } from '../../v1/json.ts';
import { Event } from '../../v1/masterAnswers.ts';
import { fromProtobuf } from '../../v1/protobuf.ts';
import { readRecords } from '../../v1/recordIo.ts';
import { closeClusters, type ReadsCluster, readsCluster } from './testReads.ts';

/** A reader of the stream. */
interface Reader {
  readonly events: readonly Event[];
  /** Resolves when so many events have come, or it has ended. */
  until(isSo: (events: readonly Event[]) => boolean): Promise<void>;
  readonly isEnded: boolean;
  readonly sent: ClientRequest;
}

const readers = new Set<ClientRequest>();
test.after.each(() => {
  for (const sent of readers) sent.destroy();
  readers.clear();
  closeClusters();
});

function subscribe(cluster: ReadsCluster, accept: ContentType = 'application/json', isLazy = false): Reader {
  const events: Event[] = [];
  const records = readRecords(64 << 20);
  let isEnded = false;
  let woken = (): void => {};
  const headers = { 'Content-Type': 'application/json', Accept: accept };
  const { port } = cluster;
  const sent = request({ host: '127.0.0.1', port, path: '/api/v1', method: 'POST', headers, agent: false });
  readers.add(sent);
  const ended = (): void => {
    isEnded = true;
    woken();
  };
  sent.on('error', ended);
  sent.on('response', (answer) => {
    answer.on('error', ended);
    answer.on('end', ended);
    if (isLazy) return;
    answer.on('data', (piece: Buffer) => {
      for (const record of records.push(piece))
        events.push(
          accept === 'application/json'
            ? fromJson(Event, JSON.parse(record.toString('latin1')))
            : fromProtobuf(Event, record),
        );
      woken();
    });
  });
  sent.end('{"type":"SUBSCRIBE"}');
  return {
    events,
    async until(isSo) {
      while (!isSo(events) && !isEnded)
        await new Promise<void>((resolve) => {
          woken = resolve;
        });
    },
    get isEnded() {
      return isEnded;
    },
    sent,
  };
}

const types = ({ events }: Reader) => events.map(({ type }) => type);
const has =
  (type: Event['type'], count = 1) =>
  (events: readonly Event[]) =>
    events.filter((event) => event.type === type).length >= count;

test('first all that there is, then what happens, in its order', async () => {
  for (const accept of ['application/json', 'application/x-protobuf'] as const) {
    const cluster = await readsCluster();
    cluster.addSlave(1);
    cluster.pass(100);
    const reader = subscribe(cluster, accept);
    await reader.until(has('SUBSCRIBED'));
    const [{ subscribed } = {}] = reader.events;
    assert.is(subscribed?.heartbeat_interval_seconds, 15);
    assert.is(subscribed?.get_state?.get_agents?.agents?.length, 1);
    const framework = cluster.addFramework('one');
    framework.onOffers = ([offer]) => {
      framework.onOffers = () => {};
      if (offer === undefined) return;
      framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 100)], { refuseSeconds: 1e9 });
    };
    cluster.pass(1000);
    cluster.addSlave(2);
    framework.driver.stop();
    cluster.pass(1000);
    cluster.virtual.crash('10.0.1.2:5051');
    cluster.pass(100_000);
    await reader.until(has('AGENT_REMOVED'));
    assert.equal(
      types(reader).filter((type) => type !== 'HEARTBEAT'),
      [
        'SUBSCRIBED',
        'FRAMEWORK_ADDED',
        'FRAMEWORK_UPDATED',
        'TASK_ADDED',
        'TASK_UPDATED',
        'TASK_UPDATED',
        'AGENT_ADDED',
        'FRAMEWORK_REMOVED',
        'AGENT_ADDED',
        'AGENT_REMOVED',
      ].slice(0, types(reader).filter((type) => type !== 'HEARTBEAT').length),
    );
    const updates = reader.events.flatMap(({ task_updated }) => task_updated ?? []);
    assert.equal(
      updates.map(({ state, status }) => [state, status.task_id.value]),
      [
        ['TASK_RUNNING', 't'],
        ['TASK_FINISHED', 't'],
      ],
    );
  }
});

test('a heartbeat comes every 15 seconds, the first after as long', async () => {
  const cluster = await readsCluster();
  const reader = subscribe(cluster);
  await reader.until(has('SUBSCRIBED'));
  cluster.pass(14_900);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  await reader.until(has('FRAMEWORK_UPDATED'));
  assert.equal(types(reader), ['SUBSCRIBED', 'FRAMEWORK_ADDED', 'FRAMEWORK_UPDATED']);
  cluster.pass(45_000);
  await reader.until(has('HEARTBEAT', 3));
  assert.is(types(reader).filter((type) => type === 'HEARTBEAT').length, 3);
  assert.ok(framework);
});

/** What a reader knows of the tasks, from what it was told. */
function tasksKnown({ events }: Reader): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const add = ({ task_id, state }: entities.Task): void => void known.set(task_id.value, state);
  for (const { subscribed, task_added, task_updated } of events) {
    const { tasks = [], completed_tasks = [] } = subscribed?.get_state?.get_tasks ?? {};
    for (const task of [...tasks, ...completed_tasks]) add(task);
    if (task_added !== undefined) add(task_added.task);
    if (task_updated !== undefined) known.set(task_updated.status.task_id.value, task_updated.state);
  }
  return known;
}

test('whenever one subscribes while tasks come and go, it knows the state of all of them in the end', async () => {
  const cluster = await readsCluster();
  for (let n = 1; n <= 10; n++) cluster.addSlave(n, 'cpus:20;mem:20000');
  const framework = cluster.addFramework('one');
  let tasks = 0;
  framework.onOffers = (offers) => {
    for (const offer of offers)
      framework.driver.replyToOffer(
        [offer.id],
        Array.from({ length: 8 }, () =>
          sleepTask(offer, `t${tasks++}`, 50 + ((tasks * 37) % 400), 'cpus:1;mem:32'),
        ),
        { refuseSeconds: 1e9 },
      );
  };
  cluster.pass(300);
  const all: Reader[] = [];
  for (let n = 0; n < 30; n++) {
    if (n % 5 === 0)
      all.push(subscribe(cluster, n % 2 === 0 ? 'application/json' : 'application/x-protobuf'));
    cluster.pass(20);
    await new Promise(setImmediate);
  }
  framework.onOffers = () => {};
  cluster.pass(2000);
  const marker = cluster.addFramework('marker');
  cluster.pass(100);
  assert.ok(marker);
  const { books, frameworks } = cluster.chronicle;
  const last = (events: readonly Event[]): boolean =>
    events.some(({ framework_updated: told, subscribed }) =>
      [told?.framework, ...(subscribed?.get_state?.get_frameworks?.frameworks ?? [])].some(
        (one) => one?.framework_info.name === 'marker',
      ),
    );
  const own = frameworks.get([...books.frameworks.keys()][0] ?? '');
  const ended = [...(own?.completed.snapshot() ?? [])].map(({ json }) => JSON.parse(json).id as string);
  assert.ok(ended.length > 200, `${ended.length}`);
  for (const reader of all) {
    await reader.until(last);
    const [{ subscribed } = {}] = reader.events;
    const listed = subscribed?.get_state?.get_tasks ?? {};
    const before = [...(listed.tasks ?? []), ...(listed.completed_tasks ?? [])].map(
      ({ task_id }) => task_id.value,
    );
    const added = reader.events.flatMap(({ task_added }) => task_added?.task.task_id.value ?? []);
    assert.equal(
      added.filter((id) => before.includes(id)),
      [],
      'what is listed is not added again',
    );
    const known = tasksKnown(reader);
    for (const id of ended) assert.is(known.get(id), 'TASK_FINISHED', id);
  }
});

test('who does not read is dropped, with a line in the log and in the metrics; others are told everything', async () => {
  const cluster = await readsCluster({ bufferedBytesMax: 2_000_000 });
  const slow = subscribe(cluster, 'application/json', true);
  await new Promise<void>((resolve) => slow.sent.once('response', () => resolve()));
  const quick = subscribe(cluster);
  await quick.until(has('SUBSCRIBED'));
  cluster.addSlave(1, 'cpus:100;mem:100000');
  const labels = [{ key: 'x'.repeat(8000) }];
  const framework = cluster.addFramework('one');
  let tasks = 0;
  let round = 0;
  framework.onOffers = ([offer]) => {
    if (offer === undefined || round++ > 400) return;
    framework.driver.replyToOffer(
      [offer.id],
      Array.from({ length: 10 }, () => ({
        ...sleepTask(offer, `t${tasks++}`, 10, 'cpus:0.1;mem:32'),
        labels,
      })),
      { refuseSeconds: 0.01 },
    );
  };
  for (let n = 0; !cluster.log.some((line) => line.includes('dropped an event stream')); n++) {
    if (n > 2000) throw new Error(`nobody was dropped after ${tasks} tasks`);
    cluster.pass(20);
    await quick.until(has('TASK_ADDED', cluster.seen('task-launched').length));
  }
  assert.is((await cluster.json('/metrics/snapshot'))['master/operator_event_streams_dropped'], 1);
  assert.is((await cluster.json('/metrics/snapshot'))['master/operator_event_stream_subscribers'], 1);
  cluster.pass(20);
  await quick.until(has('TASK_ADDED', cluster.seen('task-launched').length));
  assert.not(quick.isEnded);
});

test('the oldest makes room when there are too many, and all end with the reign', async () => {
  const cluster = await readsCluster({ subscribersMax: 3 });
  const first = subscribe(cluster);
  await first.until(has('SUBSCRIBED'));
  const others = [1, 2, 3].map(() => subscribe(cluster));
  for (const other of others) await other.until(has('SUBSCRIBED'));
  await first.until(() => false);
  assert.ok(first.isEnded);
  assert.is((await cluster.json('/metrics/snapshot'))['master/operator_event_stream_subscribers'], 3);
  cluster.endReign();
  for (const other of others) {
    await other.until(() => false);
    assert.ok(other.isEnded);
  }
});

test.run();
