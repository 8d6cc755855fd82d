import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scriptedSlave, sleepTask } from '../../testCluster.ts';
import type { CallType } from '../../v1/master.ts';
import { closeClusters, type ReadsCluster, readsCluster } from './testReads.ts';

test.after.each(closeClusters);

/** Something of everything: tasks that run, have ended and are out of reach, executors, offers, a framework that has ended. */
async function variedCluster(): Promise<ReadsCluster> {
  const cluster = await readsCluster({ flags: { port: '5050', ip: '127.0.0.1' } });
  const lost = scriptedSlave(cluster);
  lost.send({ type: 'REGISTER_SLAVE', slaveInfo: lost.info });
  const info = { capabilities: ['PARTITION_AWARE', 'MULTI_ROLE'], role: 'gold', failoverTimeout: 3 } as const;
  const framework = cluster.addFramework('one \u00e9', info);
  let tasks = 0;
  framework.onOffers = (offers) => {
    for (const offer of offers)
      framework.driver.replyToOffer(
        [offer.id],
        [1, 2, 3].map(() => ({
          ...sleepTask(offer, `t${tasks++}`, tasks % 2 === 0 ? 100 : 1e7, 'cpus:0.5;mem:32'),
          labels: [{ key: 'a', value: 'b' }, { key: 'c' }],
        })),
        { refuseSeconds: 1e9 },
      );
  };
  cluster.pass(200_000);
  for (const n of [1, 2]) cluster.addSlave(n);
  cluster.pass(1000);
  const gone = cluster.addFramework('gone');
  cluster.pass(100);
  gone.driver.stop();
  cluster.addFramework('three');
  cluster.pass(1000);
  return cluster;
}

const CALLS: readonly CallType[] = [
  'GET_HEALTH',
  'GET_VERSION',
  'GET_FLAGS',
  'GET_LOGGING_LEVEL',
  'GET_MASTER',
  'GET_STATE',
  'GET_AGENTS',
  'GET_FRAMEWORKS',
  'GET_TASKS',
  'GET_EXECUTORS',
  'GET_OPERATIONS',
  'GET_ROLES',
];

/** Without lists that are empty: protobuf does not tell them from those that are absent. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => !(Array.isArray(item) && item.length === 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, normal(item)]));
}

test('each call has the same answer in JSON as in protobuf', async () => {
  const cluster = await variedCluster();
  for (const type of CALLS) {
    const json = await cluster.ask({ type }, 'application/json');
    const protobuf = await cluster.ask({ type }, 'application/x-protobuf');
    assert.is(json.type, type);
    assert.equal(normal(json), normal(protobuf), type);
    const field = type.toLowerCase() as keyof typeof json;
    assert.ok(json[field], `${type} has no answer`);
  }
});

test('the state is that of the books', async () => {
  const cluster = await variedCluster();
  const { books } = cluster.reign;
  const { get_state } = await cluster.ask({ type: 'GET_STATE' }, 'application/json');
  const { get_tasks, get_agents, get_frameworks, get_executors } = get_state ?? {};
  const present = [...books.frameworks.values()].flatMap(({ tasks }) => [...tasks.values()]);
  assert.equal(
    get_tasks?.tasks?.map(({ task_id, state, agent_id }) => [task_id.value, state, agent_id.value]),
    present.map(({ id, state, slave }) => [id, state, slave.id]),
  );
  assert.ok(present.length > 0);
  const [one] = cluster.chronicle.frameworks.values();
  assert.ok(one !== undefined && one.unreachable.size > 0 && one.completed.size > 0);
  assert.equal(
    get_tasks?.unreachable_tasks?.map(({ task_id, state }) => [task_id.value, state]),
    Array.from(one?.unreachable.keys() ?? [], (id) => [id, 'TASK_UNREACHABLE']),
  );
  assert.is(get_tasks?.completed_tasks?.length, one?.completed.size);
  const [ended] = get_tasks?.completed_tasks ?? [];
  assert.equal(
    ended?.statuses?.map(({ state, source, agent_id }) => [state, source, agent_id?.value]),
    ['TASK_RUNNING', 'TASK_FINISHED'].map((state) => [state, 'SOURCE_EXECUTOR', ended?.agent_id.value]),
  );
  assert.equal(
    ended?.resources?.map(({ name, scalar }) => [name, scalar?.value]),
    [
      ['cpus', 0.5],
      ['mem', 32],
    ],
  );
  assert.equal(ended?.labels?.labels, [{ key: 'a', value: 'b' }, { key: 'c' }]);
  const [running] = get_tasks?.tasks ?? [];
  assert.is(running?.status_update_state, 'TASK_RUNNING');
  assert.is(Buffer.from(running?.status_update_uuid ?? '', 'base64').length, 16);
  assert.equal(
    get_agents?.agents?.map(({ agent_info, active, pid }) => [agent_info.id?.value, active, pid]),
    [...books.slaves.values()].map(({ id }, i) => [id, true, `slave(1)@10.0.1.${i + 1}:5051`]),
  );
  assert.equal(
    get_frameworks?.frameworks?.map(({ framework_info, connected }) => [framework_info.name, connected]),
    [
      ['one \u00e9', true],
      ['three', true],
    ],
  );
  assert.equal(
    get_frameworks?.completed_frameworks?.map(({ framework_info, active }) => [framework_info.name, active]),
    [['gone', false]],
  );
  assert.is(get_executors?.executors?.length, 2);
});

test('metrics must be asked for with all that belongs to it', async () => {
  const cluster = await variedCluster();
  const refused = await cluster.post({ type: 'GET_METRICS' });
  assert.equal(
    [refused.status, refused.text],
    [400, "Failed to validate master::Call: Expecting 'get_metrics' to be present"],
  );
  for (const contentType of ['application/json', 'application/x-protobuf'] as const) {
    const { get_metrics } = await cluster.ask({ type: 'GET_METRICS', get_metrics: {} }, contentType);
    const running = get_metrics?.metrics?.find(({ name }) => name === 'master/tasks_running');
    assert.is(running?.value, cluster.chronicle.states.TASK_RUNNING);
    assert.ok(cluster.chronicle.states.TASK_RUNNING > 0);
  }
});

test('what is no call is refused, each in its way', async () => {
  const cluster = await readsCluster();
  const told = async (answer: ReturnType<ReadsCluster['post']>) => {
    const { status, text } = await answer;
    return [status, text];
  };
  const { status, headers } = await cluster.get('/api/v1');
  assert.equal([status, headers.allow], [405, 'POST']);
  assert.is((await cluster.post('{"type":'))?.status, 400);
  assert.equal(await told(cluster.post('{}')), [
    400,
    "Failed to validate master::Call: Expecting 'type' to be present",
  ]);
  assert.is((await cluster.post('{"type":"UNKNOWN"}')).status, 501);
  assert.is((await cluster.post('{"type":"READ_FILE"}')).status, 501);
  assert.is((await cluster.post('{"type":"GET_HEALTH"}', { 'Content-Type': 'text/plain' })).status, 415);
  assert.is((await cluster.post('{"type":"GET_STATE"}', { Accept: 'text/html' })).status, 406);
  assert.is((await cluster.post('{"type":"SUBSCRIBE"}', { Accept: 'text/html' })).status, 406);
  assert.equal(await told(cluster.post('{"type":"GET_HEALTH"}')), [
    200,
    '{"type":"GET_HEALTH","get_health":{"healthy":true}}',
  ]);
});

test.run();
